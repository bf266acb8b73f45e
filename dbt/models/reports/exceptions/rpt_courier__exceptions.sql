{{ report_exceptions('courier') }}
