// The npm packages of Tencent and Agora as a judge: one JSON request per line, one answer each.
//
//   {"do":"mint",  "kind":K, …fields}               -> {"token":T}
//   {"do":"check", "kind":K, …fields, "token":T}    -> {"ok":true} or {"ok":false,"why":W}
//   {"do":"bench", "kind":K, …fields, "count":N}    -> {"cpu_us":U}
//
// A token is checked by having the package make the same one and comparing what is inside, since
// compressed bytes depend on the zlib build; agora-token's own verifier is asked as well.
'use strict'

const readline = require('node:readline')
const zlib = require('node:zlib')

const { Api } = require('tls-sig-api-v2')
const agora = require('agora-token')
const agora007 = require('agora-token/src/AccessToken2')
const agora006 = require('agora-token/src/AccessToken')

// The packages take the time from the system. A request says which time it is instead.
const SystemDate = Date
let frozenMs = null
class FrozenDate extends SystemDate {
    constructor(...args) {
        super(...(args.length > 0 || frozenMs === null ? args : [frozenMs]))
    }

    static now() {
        return frozenMs === null ? SystemDate.now() : frozenMs
    }
}
global.Date = FrozenDate

function at(seconds, action) {
    // Not on the full second, so that the packages have something to cut off.
    frozenMs = seconds * 1000 + 250
    try {
        return action()
    } finally {
        frozenMs = null
    }
}

const inflateUserSig = token =>
    zlib.inflateSync(
        Buffer.from(token.replace(/\*/g, '+').replace(/-/g, '/').replace(/_/g, '='), 'base64'),
    )
const inflate007 = token => zlib.inflateSync(Buffer.from(token.slice(3), 'base64'))

// Integer uids are numbers to the packages; 0 is any user.
const uidOf = user => (user === null ? 0 : /^[1-9][0-9]*$/.test(user) ? Number(user) : user)

function mintUserSig({ sdk_app_id, key, user, expires_in, room, privileges }) {
    const api = new Api(sdk_app_id, key)
    if (room === null) return api.genUserSig(user, expires_in)
    return typeof room === 'number'
        ? api.genPrivateMapKey(user, expires_in, room, privileges)
        : api.genPrivateMapKeyWithStringRoomID(user, expires_in, room, privileges)
}

function checkUserSig(request) {
    const mine = inflateUserSig(mintUserSig(request)).toString()
    const theirs = inflateUserSig(request.token).toString()
    if (mine !== theirs) return `made ${mine}, got ${theirs}`
    const doc = JSON.parse(theirs)
    const api = new Api(request.sdk_app_id, request.key)
    const signature = api._hmacsha256(
        doc['TLS.identifier'], doc['TLS.time'], doc['TLS.expire'], doc['TLS.userbuf'],
    )
    return signature === doc['TLS.sig'] ? null : `signed ${signature}, got ${doc['TLS.sig']}`
}

// Each privilege with its own lifetime, and the salt of the request: as the classes below the
// builders allow.
function mint007({ app_id, certificate, channel, user, grants, now, expires_in, salt }) {
    const token = new agora007.AccessToken2(app_id, certificate, now, expires_in)
    token.salt = salt
    const service = new agora007.ServiceRtc(channel, uidOf(user))
    for (const [privilege, seconds] of grants) service.add_privilege(privilege, seconds)
    token.add_service(service)
    return token.build()
}

function check007(request) {
    const token = new agora007.AccessToken2('', '', 0, 0)
    if (!token.from_string(request.token)) return 'from_string refused it'
    if (!token.verifySignature(request.certificate)) return 'verifySignature refused it'
    const mine = inflate007(mint007(request)).toString('hex')
    const theirs = inflate007(request.token).toString('hex')
    return mine === theirs ? null : `made ${mine}, got ${theirs}`
}

// As applications call it, with role and salt of the package's choice.
function mint007ByRole({ app_id, certificate, channel, user, role, expires_in, privilege_in }) {
    return agora.RtcTokenBuilder.buildTokenWithUserAccount(
        app_id, certificate, channel, uidOf(user), agora.RtcRole[role.toUpperCase()],
        expires_in, privilege_in,
    )
}

// Any list of services, for what only has to be read: [type, grants, ...arguments].
function mint007Services({ app_id, certificate, now, expires_in, services }) {
    const token = new agora007.AccessToken2(app_id, certificate, now, expires_in)
    for (const [code, grants, ...args] of services) {
        if (code === agora007.kRtm2ServiceType) args[1] = rtm2Permissions(args[1])
        const service = new agora007.AccessToken2.kServices[code](...args)
        for (const [privilege, seconds] of grants) service.add_privilege(privilege, seconds)
        token.add_service(service)
    }
    return token.build()
}

function rtm2Permissions(list) {
    const permissions = new agora007.Rtm2Permissions()
    for (const [resource, permission, names] of list) permissions.add(resource, permission, names)
    return permissions
}

function mint006({ app_id, certificate, channel, user, grants, now, expires_in, salt }) {
    const token = new agora006.AccessToken(app_id, certificate, channel, uidOf(user))
    token.salt = salt
    token.ts = now + expires_in
    for (const [privilege, seconds] of grants) {
        token.addPriviledge(privilege, seconds === 0 ? 0 : now + seconds)
    }
    return token.build()
}

function check006(request) {
    if (!new agora006.AccessToken('', '', '', '').fromString(request.token)) {
        return 'fromString refused it'
    }
    const mine = mint006(request)
    return mine === request.token ? null : `made ${mine}`
}

const mints = {
    usersig: mintUserSig,
    access_token: mint007,
    access_token_by_role: mint007ByRole,
    access_token_services: mint007Services,
    access_token_006: mint006,
}
const checks = { usersig: checkUserSig, access_token: check007, access_token_006: check006 }

// Users change from token to token, as they do in production.
function bench(mint, request) {
    const run = count => {
        for (let i = 0; i < count; i++) mint({ ...request, user: `${request.user}${i % 10000}` })
    }
    run(Math.ceil(request.count / 4))
    const before = process.cpuUsage()
    run(request.count)
    const { user, system } = process.cpuUsage(before)
    return { cpu_us: user + system }
}

function answer(request) {
    switch (request.do) {
        case 'mint':
            return { token: at(request.now, () => mints[request.kind](request)) }
        case 'check': {
            const why = at(request.now, () => checks[request.kind](request))
            return why === null ? { ok: true } : { ok: false, why }
        }
        case 'bench':
            return bench(mints[request.kind], request)
        default:
            throw new Error(`cannot ${request.do}`)
    }
}

readline.createInterface({ input: process.stdin }).on('line', line => {
    let result
    try {
        result = answer(JSON.parse(line))
    } catch (error) {
        result = { error: String(error) }
    }
    process.stdout.write(`${JSON.stringify(result)}\n`)
})
