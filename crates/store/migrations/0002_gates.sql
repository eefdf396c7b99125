-- What a version's gates said has three answers; what was written and never read is gone.

alter table models add column gates text not null default 'passed';
update models set gates = 'failed' where passed = 0;
alter table models drop column passed;
alter table stages drop column artifact;
drop table metrics;
drop table edges;
