-- The database of one orderly. Times are nanoseconds since 1970. The host column says where something
-- comes from; '' is this host. A hub keeps the same tables for many hosts.

create table event (
	seq      integer primary key, -- the number in this journal
	at       integer not null,
	host     text not null,
	service  text not null collate nocase,
	rule     text not null,
	kind     text not null,
	topic    text not null,
	action   text not null,
	text     text not null,
	evidence text not null,
	count    integer not null,
	silent   integer not null
);
create index event_service on event (service, seq);
create index event_at on event (at);

create table record (
	host    text not null,
	service text not null collate nocase,
	kind    text not null,
	data    blob not null,
	primary key (host, service)
) without rowid;

create table cursor (
	host text not null,
	name text not null,
	seq  integer not null,
	primary key (host, name)
) without rowid;

create table meta (
	host  text not null,
	key   text not null,
	value text not null,
	primary key (host, key)
) without rowid;
