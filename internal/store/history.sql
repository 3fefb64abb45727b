-- What was measured, summed up: a series has a number, and one row for each span in which it was measured.
-- Times are seconds since 1970 here, spans are seconds.
create table series (
	id      integer primary key,
	host    text not null,
	service text not null collate nocase,
	part    text not null, -- of a probe: its name; '' is the service itself
	metric  text not null,
	seen    integer not null, -- to the day
	unique (host, service, part, metric)
);

-- Time comes before the series, because each minute writes all series and hardly anybody reads one.
create table rollup (
	span   integer not null,
	at     integer not null,
	series integer not null,
	count  integer not null,
	low    real not null,
	high   real not null,
	sum    real not null,
	primary key (span, at, series)
) without rowid;

-- How a service was, in seconds of each hour. What is missing of an hour was not measured. Hours of one day (UTC) that are alike
-- and follow each other share a row.
create table tally (
	host        text not null,
	at          integer not null, -- where the first hour begins
	service     text not null collate nocase,
	hours       integer not null,
	up          integer not null,
	degraded    integer not null,
	partial     integer not null,
	down        integer not null,
	maintenance integer not null,
	primary key (host, at, service)
) without rowid;

-- The objects of the status page, and accounts. Only their packages look into data, which is JSON.
create table object (
	host text not null,
	kind text not null, -- "component", "incident" ...
	id   integer not null,
	data blob not null,
	primary key (host, kind, id)
) without rowid;
