-- Times are RFC 3339 text in UTC, hashes 64 hexadecimal digits, truth 0 or 1: SQLite and PostgreSQL agree on these.

create table runs (
    id bigint primary key,
    system text not null,
    started text not null,
    ended text,
    status text not null,
    file text not null,
    plan text not null,
    seed text not null,
    error text
);

create index runs_by_system on runs (system, id);

create table stages (
    run bigint not null references runs (id),
    name text not null,
    key text not null,
    status text not null,
    seconds double precision not null,
    artifact text,
    primary key (run, name)
);

create index stages_by_key on stages (key);

create table edges (
    output text not null,
    input text not null,
    kind text not null,
    primary key (output, input, kind)
);

create index edges_by_input on edges (input);

create table metrics (
    run bigint not null references runs (id),
    model text not null,
    name text not null,
    value double precision,
    low double precision,
    high double precision,
    primary key (run, model, name)
);

create table models (
    system text not null,
    version bigint not null,
    bundle text not null,
    run bigint references runs (id),
    passed bigint not null,
    created text not null,
    card text not null,
    metrics text not null,
    primary key (system, version)
);

create table aliases (
    system text not null,
    alias text not null,
    version bigint not null,
    primary key (system, alias),
    foreign key (system, version) references models (system, version)
);

create table reports (
    run bigint primary key references runs (id),
    artifact text not null
);
