{{ report_feed_status('supplier') }}
