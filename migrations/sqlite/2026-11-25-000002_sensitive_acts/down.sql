DROP TABLE reveals;
DROP TABLE code_sends;
DROP TABLE factor_attempts;
DROP TABLE factor_budgets;
DROP TABLE challenges;
DROP TABLE authenticators;
DROP TABLE audit_chains;
DROP TABLE audit_events;
