pub fn routes(_: &mut crate::web::Routes) {}
