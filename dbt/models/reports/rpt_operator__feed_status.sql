{{ report_feed_status('operator') }}
