{{ staged('document_rule') }}
