{{ report_feed_status('plant') }}
