package model

import (
	"slices"
	"strings"
)

// A family is what one kind of server counts of itself. The names are the server's own; a metric is named
// "redis.connected_clients". What a server counts up for ever is measured as its growth in a second.
type family struct {
	name  string
	names map[Unit]string // apart by blanks
}

var families = []family{
	{"redis", map[Unit]string{
		Count: `connected_clients client_longest_output_list client_biggest_input_buf blocked_clients rdb_changes_since_last_save
			rdb_last_bgsave_time_sec rdb_current_bgsave_time_sec aof_last_rewrite_time_sec aof_current_rewrite_time_sec
			instantaneous_ops_per_sec latest_fork_usec master_last_io_seconds_ago connected_slaves`,
		Bytes: `used_memory used_memory_rss used_memory_peak used_memory_lua repl_backlog_size`,
		PerSec: `total_connections_received total_commands_processed rejected_connections sync_full sync_partial_ok
			sync_partial_err expired_keys evicted_keys keyspace_hits keyspace_misses pubsub_channels pubsub_patterns`,
	}},
	{"memcached", map[Unit]string{
		Count: `curr_connections threads bytes curr_items`,
		PerSec: `total_connections cmd_get cmd_set cmd_flush cmd_touch get_hits get_misses delete_hits delete_misses incr_hits
			incr_misses decr_hits decr_misses cas_hits cas_misses cas_badval touch_hits touch_misses auth_cmds auth_errors
			malloc_fails total_items expired_unfetched evicted_unfetched evictions reclaimed crawler_reclaimed`,
		BytesPerSec: `bytes_read bytes_written`,
	}},
	{"mysql", map[Unit]string{
		Count: `Innodb_buffer_pool_pages_data Innodb_buffer_pool_pages_free Innodb_buffer_pool_pages_total
			Innodb_num_open_files Max_used_connections Open_files Open_tables Prepared_stmt_count Qcache_free_blocks
			Qcache_queries_in_cache Seconds_Behind_Master Threads_cached Threads_connected Threads_running`,
		Bytes: `Innodb_buffer_pool_bytes_data Qcache_free_memory`,
		PerSec: `Aborted_clients Aborted_connects Com_delete Com_delete_multi Com_insert Com_insert_select Com_select Com_update
			Com_update_multi Connections Created_tmp_disk_tables Created_tmp_files Created_tmp_tables Innodb_buffer_pool_reads
			Innodb_data_read Innodb_data_reads Innodb_data_writes Innodb_data_written Innodb_deadlocks Innodb_pages_created
			Innodb_pages_read Innodb_pages_written Innodb_rows_deleted Innodb_rows_inserted Innodb_rows_read
			Innodb_rows_updated Key_reads Key_writes Qcache_hits Qcache_inserts Qcache_lowmem_prunes Qcache_not_cached Queries
			Questions Slow_queries Table_locks_immediate Table_locks_waited Threads_created`,
		BytesPerSec: `Bytes_received Bytes_sent`,
	}},
	{"nginx", map[Unit]string{
		Count:  `Active_connections Reading Writing Waiting`,
		PerSec: `accepts handled requests`,
	}},
	{"postgresql", map[Unit]string{
		Count:   `numbackends`,
		Percent: `blk_hit_rate`,
		Bytes:   `total_size`,
		PerSec:  `rollbacks deadlocks seq_scans`,
	}},
	{"memstats", map[Unit]string{
		Bytes:       `Alloc HeapAlloc`,
		BytesPerSec: `TotalAlloc`,
		PerSec:      `NumGC PauseTotalNs`,
	}},
}

// familyUnits are the units of the metrics of all families.
var familyUnits = func() map[Metric]Unit {
	all := map[Metric]Unit{}
	for _, f := range families {
		for unit, names := range f.names {
			for name := range strings.FieldsSeq(names) {
				all[FamilyMetric(f.name, name)] = unit
			}
		}
	}
	return all
}()

// FamilyMetric names a measurement that a server makes of itself.
func FamilyMetric(family, name string) Metric { return Metric(family + "." + name) }

// Family tells what kind of server measures a metric; "" when none does.
func (m Metric) Family() string {
	if _, known := familyUnits[m]; !known {
		return ""
	}
	family, _, _ := strings.Cut(string(m), ".")
	return family
}

// FamilyProtocol names the protocol of the probe catalogue that asks a server of a family for its numbers.
func FamilyProtocol(family string) string { return family + "-status" }

// FamilyNames lists what servers of a family measure, sorted; nil for what is no family.
func FamilyNames(family string) (names []string) {
	for _, f := range families {
		if f.name != family {
			continue
		}
		for _, list := range f.names {
			names = append(names, strings.Fields(list)...)
		}
	}
	slices.Sort(names)
	return names
}
