{{ report_open_references('courier') }}
