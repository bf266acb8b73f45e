{{ report_about() }}
