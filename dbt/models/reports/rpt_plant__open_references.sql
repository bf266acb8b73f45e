{{ report_open_references('plant') }}
