{{ report_exceptions('hospital') }}
