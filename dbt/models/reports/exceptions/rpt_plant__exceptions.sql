{{ report_exceptions('plant') }}
