{{ report_feed_status('courier') }}
