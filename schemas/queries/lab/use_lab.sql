-- Let unqualified names mean the tables, views and macros of a lab that is attached already.
-- Inputs: the attached database lab. Parameters: none. Columns: none.
USE lab;
