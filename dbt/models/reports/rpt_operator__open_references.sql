{{ report_open_references('operator') }}
