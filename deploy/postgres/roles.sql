-- Roles, schemas and rights of one database. May be run again and again, by a superuser.
--
-- Per service: heshi_<svc>_owner owns the schema <svc> and cannot log in; heshi_<svc>_migrator logs
-- in and acts as the owner; heshi_<svc>_app reads and writes rows of its own schema, nothing else.
-- heshi_ops_ro reads everything. All that log in are members of heshi_login (see pg_hba.conf).

SET client_min_messages = warning;

DO $roles$
DECLARE
    service text;
    wanted text;
    logins text[] := ARRAY['heshi_ops_ro'];
BEGIN
    -- Roles belong to the whole cluster: two databases prepared at once must not both make them.
    PERFORM pg_advisory_xact_lock(hashtextextended('heshi roles', 0));

    FOREACH service IN ARRAY ARRAY['intake', 'sla', 'investigation', 'arbitration', 'fund', 'notification'] LOOP
        logins := logins || format('heshi_%s_migrator', service) || format('heshi_%s_app', service);
        IF to_regrole(format('heshi_%s_owner', service)) IS NULL THEN
            EXECUTE format('CREATE ROLE heshi_%s_owner NOLOGIN', service);
        END IF;
    END LOOP;
    IF to_regrole('heshi_login') IS NULL THEN
        CREATE ROLE heshi_login NOLOGIN;
    END IF;
    FOREACH wanted IN ARRAY logins LOOP
        IF to_regrole(wanted) IS NULL THEN
            EXECUTE format('CREATE ROLE %I LOGIN IN ROLE heshi_login', wanted);
        END IF;
    END LOOP;

    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO heshi_login', current_database());
    REVOKE ALL ON SCHEMA public FROM PUBLIC;

    FOREACH service IN ARRAY ARRAY['intake', 'sla', 'investigation', 'arbitration', 'fund', 'notification'] LOOP
        EXECUTE replace($each$
            CREATE SCHEMA IF NOT EXISTS @ AUTHORIZATION heshi_@_owner;
            GRANT USAGE ON SCHEMA @ TO heshi_@_app, heshi_ops_ro;

            ALTER DEFAULT PRIVILEGES FOR ROLE heshi_@_owner IN SCHEMA @
                GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO heshi_@_app;
            ALTER DEFAULT PRIVILEGES FOR ROLE heshi_@_owner IN SCHEMA @
                GRANT USAGE, SELECT ON SEQUENCES TO heshi_@_app;
            ALTER DEFAULT PRIVILEGES FOR ROLE heshi_@_owner IN SCHEMA @
                GRANT SELECT ON TABLES TO heshi_ops_ro;
            -- PUBLIC's right to call functions can only be taken away for the role as a whole.
            ALTER DEFAULT PRIVILEGES FOR ROLE heshi_@_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
            ALTER DEFAULT PRIVILEGES FOR ROLE heshi_@_owner IN SCHEMA @
                GRANT EXECUTE ON FUNCTIONS TO heshi_@_app;

            GRANT heshi_@_owner TO heshi_@_migrator;
            ALTER ROLE heshi_@_migrator SET role = 'heshi_@_owner';
            ALTER ROLE heshi_@_migrator SET search_path = @;
            ALTER ROLE heshi_@_migrator SET lock_timeout = '5s';

            ALTER ROLE heshi_@_app SET search_path = @;
            ALTER ROLE heshi_@_app SET statement_timeout = '5s';
            -- Statements are prepared once, while tables may still be empty: the plan of that hour, a scan, would
            -- stay until the next analyze. All of them look for rows by keys. (A scan that is needed is made all
            -- the same; without jit, as its price is then only a penalty.)
            ALTER ROLE heshi_@_app SET enable_seqscan = off;
            ALTER ROLE heshi_@_app SET enable_hashjoin = off;
            ALTER ROLE heshi_@_app SET enable_mergejoin = off;
            ALTER ROLE heshi_@_app SET jit = off;
            -- A batch's arrays say nothing that a plan depends on: planning each time anew took longer than the rows.
            ALTER ROLE heshi_@_app SET plan_cache_mode = force_generic_plan;
            -- Shared rows are locked inside a transaction: a stopped holder frees them after this.
            ALTER ROLE heshi_@_app SET idle_in_transaction_session_timeout = '1s';
        $each$, '@', service);
    END LOOP;

    ALTER ROLE heshi_ops_ro SET default_transaction_read_only = on;
    ALTER ROLE heshi_ops_ro SET statement_timeout = '30s';
    ALTER ROLE heshi_ops_ro SET idle_in_transaction_session_timeout = '1s';
END
$roles$;
