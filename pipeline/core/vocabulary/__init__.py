"""Language data as TOML: country names, numbers, dates and phrases, by language."""
