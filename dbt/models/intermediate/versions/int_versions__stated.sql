-- Every row of every forecast file as it was sent: a view, because it is as large as landing and read by the week or by the file.
{{ config(materialized='view') }}
{{ landed('demand_forecast') }}
