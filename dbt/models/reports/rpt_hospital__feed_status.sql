{{ report_feed_status('hospital') }}
