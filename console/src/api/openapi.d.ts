/* Written by scripts/types.mjs from openapi.json; not by hand. */
export interface paths {
    "/api/account/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A new password; all other sessions end. */
        post: operations["post_account_password"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/account/recovery-codes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** New recovery codes in place of the old ones. */
        post: operations["post_account_recovery_codes"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/account/totp": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Begins a second step; it asks for nothing before it is confirmed. */
        post: operations["post_account_totp"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/account/totp/confirm": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Puts the second step in force. */
        post: operations["post_account_totp_confirm"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/account/totp/disable": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Switches the second step off. */
        post: operations["post_account_totp_disable"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/analytics/{report}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One of `volume`, `first_response`, `resolution`, `escalations`, `sentiment`, `calibration` and `satisfaction`. */
        get: operations["get_analytics_report"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/attachments/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A file that came with a message, for downloading. */
        get: operations["get_attachments_id"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The audit log, newest first. */
        get: operations["get_audit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/autonomy": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How far the assistant goes by itself. */
        get: operations["get_autonomy"];
        /** Sets how far the assistant goes; holds from the next message on. */
        put: operations["put_autonomy"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/backups": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Copies of the store that are there. */
        get: operations["get_backups"];
        put?: never;
        /** Makes a copy now. */
        post: operations["post_backups"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/business-hours": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** When people are there. */
        get: operations["get_business_hours"];
        /** Sets when people are there. */
        put: operations["put_business_hours"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/channels": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How the connections to mail and message providers stand. */
        get: operations["get_channels"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/company": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who answers. */
        get: operations["get_company"];
        /** Changes who answers. */
        put: operations["put_company"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/conversations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A page of a view. One row is one ticket. */
        get: operations["get_conversations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/conversations/counts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How many tickets each view holds. */
        get: operations["get_conversations_counts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/conversations/{reference}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The thread, the customer, the assistant's draft and reasons, hand-overs, and who looks at it. */
        get: operations["get_conversations_reference"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/conversations/{reference}/approve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sends the draft, as it is or edited. */
        post: operations["post_conversations_reference_approve"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/conversations/{reference}/assign": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Gives it to an operator, or to nobody. */
        post: operations["post_conversations_reference_assign"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/conversations/{reference}/close": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Done. A customer's message opens it again. */
        post: operations["post_conversations_reference_close"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/conversations/{reference}/discard": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** The draft is no use; a person answers. */
        post: operations["post_conversations_reference_discard"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/conversations/{reference}/escalate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Hands it to the team of a category. */
        post: operations["post_conversations_reference_escalate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/conversations/{reference}/hand-back": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** The assistant answers again from the next message on. */
        post: operations["post_conversations_reference_hand_back"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/conversations/{reference}/hosted-preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows what would leave the box for the hosted model, redacted. Nothing is sent. */
        get: operations["get_conversations_reference_hosted_preview"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/conversations/{reference}/labels": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Replaces the labels. */
        post: operations["post_conversations_reference_labels"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/conversations/{reference}/messages/{id}/raw": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What came in, untouched, as plain text. */
        get: operations["get_conversations_reference_messages_id_raw"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/conversations/{reference}/not-spam": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** It is no spam. */
        post: operations["post_conversations_reference_not_spam"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/conversations/{reference}/notes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A note for colleagues; it never leaves. */
        post: operations["post_conversations_reference_notes"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/conversations/{reference}/reopen": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Not done after all. */
        post: operations["post_conversations_reference_reopen"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/conversations/{reference}/reply": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sends one's own words, and takes the ticket over. */
        post: operations["post_conversations_reference_reply"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/conversations/{reference}/snooze": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Puts it aside until a time; a customer's message wakes it. */
        post: operations["post_conversations_reference_snooze"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/conversations/{reference}/spam": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Nobody needs to answer this. */
        post: operations["post_conversations_reference_spam"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/conversations/{reference}/take-over": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** The assistant is silent from now on. */
        post: operations["post_conversations_reference_take_over"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/conversations/{reference}/undo": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Calls a reply back that still waits. */
        post: operations["post_conversations_reference_undo"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/customers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Customers by name and address. */
        get: operations["get_customers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/customers/{id}/erase": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Removes a customer with all that is kept of them; the answer is the receipt. */
        post: operations["post_customers_id_erase"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/customers/{id}/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All that is kept of a customer, as a ZIP file: `records.json`, files, original messages. */
        get: operations["get_customers_id_export"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/customers/{id}/merge": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Makes another customer part of this one. */
        post: operations["post_customers_id_merge"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/egress": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What left the box, newest first. */
        get: operations["get_egress"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/egress/check": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Reads the whole ledger and reckons its hashes anew. */
        get: operations["get_egress_check"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/escalations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Hand-overs. */
        get: operations["get_escalations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/escalations/{id}/resolve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Settles a hand-over. */
        post: operations["post_escalations_id_resolve"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Live events; resumes behind `Last-Event-ID`. */
        get: operations["get_events"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/knowledge/articles": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Makes a document of a text, for example of a reply. */
        post: operations["post_knowledge_articles"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/knowledge/conflicts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Documents that contradict each other or are out of date. */
        get: operations["get_knowledge_conflicts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/knowledge/conflicts/{id}/accept": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** It is no conflict. */
        post: operations["post_knowledge_conflicts_id_accept"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/knowledge/documents": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All documents. */
        get: operations["get_knowledge_documents"];
        put?: never;
        /** Takes files in (`file`, up to 20 of 2 MiB each: .md, .markdown, .txt, .html, .htm). */
        post: operations["post_knowledge_documents"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/knowledge/documents/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One document with its passages. (`passages` here is the list, not the count.) */
        get: operations["get_knowledge_documents_id"];
        put?: never;
        post?: never;
        /** Removes a document from the index, and its file where it came from the console. */
        delete: operations["delete_knowledge_documents_id"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/knowledge/gaps": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Questions the documents do not answer, grouped by likeness, the most frequent first. */
        get: operations["get_knowledge_gaps"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/knowledge/jobs/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A job's progress. */
        get: operations["get_knowledge_jobs_id"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/knowledge/reindex": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Indexes everything anew that came from the console. */
        post: operations["post_knowledge_reindex"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/knowledge/search": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What retrieval finds for a question. */
        get: operations["get_knowledge_search"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/labels": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Labels in use, the most frequent first. */
        get: operations["get_labels"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/macros": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All macros, by name. */
        get: operations["get_macros"];
        put?: never;
        /** Makes a macro. */
        post: operations["post_macros"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/macros/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Changes a macro. */
        put: operations["put_macros_id"];
        post?: never;
        /** Removes a macro. */
        delete: operations["delete_macros_id"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/merges/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Takes a merge back. */
        delete: operations["delete_merges_id"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/messages/{id}/formatted": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A mail as its sender formatted it, sanitised, as a page for a frame. */
        get: operations["get_messages_id_formatted"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/operators": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who works here. */
        get: operations["get_operators"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/policy": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Voice, rules, routing and confidence as they are in force. */
        get: operations["get_policy"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/policy/try": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** What would happen to this message. */
        post: operations["post_policy_try"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/presence": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Says where one is; to be repeated every 20 seconds. */
        put: operations["put_presence"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/ratings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Ratings, newest first. */
        get: operations["get_ratings"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/search": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Tickets by words of messages, subjects, references, names and addresses. */
        get: operations["get_search"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/session": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who is signed in. */
        get: operations["get_session"];
        put?: never;
        /** Signs in. */
        post: operations["post_session"];
        /** Signs out: the session and its streams end. */
        delete: operations["delete_session"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One's own sessions. */
        get: operations["get_sessions"];
        put?: never;
        post?: never;
        /** Ends all of one's other sessions. */
        delete: operations["delete_sessions"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/sessions/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Ends one of one's own sessions. */
        delete: operations["delete_sessions_id"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/setup": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether the box still needs an administrator. */
        get: operations["get_setup"];
        put?: never;
        /** Makes the first administrator, who is signed in at once. */
        post: operations["post_setup"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/system": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How the box is doing. */
        get: operations["get_system"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/system/dead-letters/replay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sends failed work round again. */
        post: operations["post_system_dead_letters_replay"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/teams": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The teams that hand-overs go to. */
        get: operations["get_teams"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Tokens, revoked ones included. */
        get: operations["get_tokens"];
        put?: never;
        /** Makes a token; its secret is shown this once. */
        post: operations["post_tokens"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tokens/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Revokes a token. */
        delete: operations["delete_tokens_id"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Everybody who works here. */
        get: operations["get_users"];
        put?: never;
        /** Makes an operator. */
        post: operations["post_users"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/users/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Changes an operator. */
        patch: operations["patch_users_id"];
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description The ticket afterwards, and how to call a reply back. */
        ActionResult: {
            row: components["schemas"]["Row"];
            undo: components["schemas"]["PendingReply"] | null;
        };
        Approve: {
            /** Format: uuid */
            draft_id: string;
            /** @description The newest customer message that was seen. */
            seen_message_id: components["schemas"]["MessageId"];
            /** @description Markdown in place of the draft. */
            body?: string | null;
            force?: boolean;
        };
        Assign: {
            operator_id?: components["schemas"]["OperatorId"] | null;
        };
        /** @description An operator in a row. */
        AssigneeView: {
            id: components["schemas"]["OperatorId"];
            name: string;
        };
        /** @description The assistant beside the thread. */
        AssistantPanel: {
            draft: components["schemas"]["DraftView"] | null;
            decision: components["schemas"]["DecisionView"] | null;
            triage: components["schemas"]["TriageView"] | null;
            /** @description What left the box for this ticket, newest first. */
            egress: components["schemas"]["EgressView"][];
        };
        /** @description A file that came with a message. */
        AttachmentView: {
            id: string;
            name: string;
            media_type: string;
            /** Format: int64 */
            bytes: number;
        };
        /** @description One entry of the audit log. */
        AuditEntry: {
            /** Format: int64 */
            id: number;
            /** Format: date-time */
            at: string;
            actor: string;
            action: string;
            subject: string;
            details: {
                [key: string]: unknown;
            };
        };
        /** @description Levels by channel and intent; what is not named is `auto`. */
        Autonomy: {
            entries: components["schemas"]["AutonomyEntry"][];
        };
        /** @description One setting: a whole channel (no intent) or an intent on it. */
        AutonomyEntry: {
            channel: components["schemas"]["Channel"];
            intent?: components["schemas"]["Intent"] | null;
            level: components["schemas"]["AutonomyLevel"];
        };
        /**
         * @description How far the assistant goes by itself.
         * @enum {string}
         */
        AutonomyLevel: "off" | "draft" | "auto";
        /** @description The copies there are, and when the next are made. */
        BackupList: {
            folder: string;
            /**
             * Format: int32
             * @description 0: only when somebody asks.
             */
            every_hours: number;
            /**
             * Format: int32
             * @description So many are kept.
             */
            keep: number;
            /** @description Newest first. */
            items: components["schemas"]["BackupView"][];
        };
        /** @description A copy in the backup folder. */
        BackupView: {
            /** @description The file's name. */
            name: string;
            /** Format: int64 */
            bytes: number;
            /** Format: date-time */
            made_at: string;
        };
        BandsBody: {
            /** Format: float */
            send: number;
            /** Format: float */
            send_and_flag: number;
            /** Format: float */
            hold: number;
        };
        /**
         * @description What the customer says the request is about. A hint for people; never an input of a decision.
         * @enum {string}
         */
        Category: "general" | "technical" | "billing" | "feedback" | "bug_report";
        /**
         * @description A channel. One name everywhere: in the store, the API, MQTT topics and metrics.
         * @enum {string}
         */
        Channel: "web" | "email" | "whatsapp";
        Close: {
            /** @default null */
            notes: string | null;
        };
        Code: {
            code: string;
        };
        Colleague: {
            id: components["schemas"]["OperatorId"];
            name: string;
            role: components["schemas"]["OperatorRole"];
            disabled: boolean;
        };
        /** @description Who answers, as an administrator set it; it wins over the settings file. */
        CompanySettings: {
            name: string;
            product: string;
            support_email: string;
            /** @description Said under automatic replies; empty to say nothing. May hold `{company}`. */
            disclosure: string;
            /** @description Under e-mails. May hold `{company}` and `{support_email}`. */
            sign_off: string;
            /** @description Customers are asked to rate answers. Settings kept by an earlier version say nothing of it. */
            ask_rating?: boolean;
        };
        ConflictBody: {
            /** Format: int64 */
            id: number;
            kind: components["schemas"]["ConflictKind"];
            topic: string;
            side: components["schemas"]["ConflictSide"];
            other: components["schemas"]["ConflictSide"] | null;
            /** @description One clause for people. */
            text: string;
            /** Format: date-time */
            found_at: string;
            accepted_by: string | null;
            /** Format: date-time */
            accepted_at: string | null;
        };
        /**
         * @description What kind of fault it is.
         * @enum {string}
         */
        ConflictKind: "amount" | "yes_no" | "expired" | "old_file";
        /** @description One side of a conflict: what a passage says. */
        ConflictSide: {
            passage_id: components["schemas"]["PassageId"];
            /** @description The passage's place as readers see it: `Billing › Change your plan`. */
            section: string;
            url: string;
            /** @description Its sentence, as plain text. */
            sentence: string;
            /** @description The very fact: `12 USD`, `no`, `March 2024`. */
            value: string;
        };
        /** @description A connection to a provider. */
        Connection: {
            channel: components["schemas"]["Channel"];
            /** @description As named in the settings. */
            account: string;
            /**
             * @description `receiving` or `sending`.
             * @enum {string}
             */
            direction: "receiving" | "sending";
            state: components["schemas"]["HealthState"];
            /** @description Why it fails and what to do. */
            reason: string | null;
            /** Format: date-time */
            since: string;
        };
        /** @description A conversation as the console shows it, without who else looks at it. */
        ConversationDetail: {
            row: components["schemas"]["Row"];
            newest_message_id: components["schemas"]["MessageId"];
            /** @description Oldest first; at most the newest 300. */
            thread: components["schemas"]["ThreadItem"][];
            customer: components["schemas"]["CustomerPanel"];
            assistant: components["schemas"]["AssistantPanel"];
            /** @description Newest first. */
            escalations: components["schemas"]["EscalationView"][];
            pending: components["schemas"]["PendingReply"][];
        };
        /**
         * Format: uuid
         * @description A conversation.
         */
        ConversationId: string;
        /** @description What became of a copy of the store. */
        CopyErased: {
            file: string;
            /**
             * Format: int64
             * @description People taken out of it.
             */
            people: number;
            /** @description Why it still holds what it held. */
            fault: string | null;
        };
        /** @description Tickets by view. */
        Counts: {
            /** Format: int64 */
            all: number;
            /** Format: int64 */
            mine: number;
            /** Format: int64 */
            unassigned: number;
            /** Format: int64 */
            needs_approval: number;
            /** Format: int64 */
            escalated: number;
            /** Format: int64 */
            waiting: number;
            /** Format: int64 */
            snoozed: number;
            /** Format: int64 */
            closed: number;
            /** Format: int64 */
            spam: number;
        };
        /** @description A customer found by words. */
        CustomerHit: {
            id: components["schemas"]["CustomerId"];
            name: string | null;
            identifiers: components["schemas"]["Identifier"][];
            /** Format: int64 */
            tickets: number;
        };
        /**
         * Format: uuid
         * @description A customer.
         */
        CustomerId: string;
        /** @description A customer in a row. */
        CustomerName: {
            id: components["schemas"]["CustomerId"];
            name: string | null;
        };
        /** @description The customer beside the thread. */
        CustomerPanel: {
            id: components["schemas"]["CustomerId"];
            name: string | null;
            plan: components["schemas"]["Plan"] | null;
            identifiers: components["schemas"]["Identifier"][];
            /** Format: date-time */
            first_contact_at: string;
            /** Format: date-time */
            last_contact_at: string;
            /** @description The newest 20. */
            tickets: components["schemas"]["CustomerTicket"][];
            /** @description Oldest first, the newest 50. */
            sentiment: components["schemas"]["MoodPoint"][];
            trend: components["schemas"]["SentimentTrend"];
            merges: components["schemas"]["MergeView"][];
        };
        /** @description A ticket of the customer. */
        CustomerTicket: {
            reference: string;
            subject: string;
            status: components["schemas"]["TicketStatus"];
            channel: components["schemas"]["Channel"];
            /** Format: date-time */
            created_at: string;
        };
        DeadLetterBody: {
            /**
             * @description `job` or `delivery`.
             * @enum {string}
             */
            kind: "job" | "delivery";
            id: string;
            reference: string;
            /** Format: int32 */
            attempts: number;
            error: string;
            /** Format: date-time */
            failed_at: string;
        };
        /** @description What was decided on a message. */
        DecisionView: {
            /** @enum {string} */
            decision: "sent" | "flagged" | "held" | "escalated" | "acknowledged" | "ignored";
            reason: string;
            /** Format: date-time */
            at: string;
            message_id: components["schemas"]["MessageId"];
        };
        DetailBody: components["schemas"]["ConversationDetail"] & {
            viewers: components["schemas"]["Presence"][];
            /** @description Where the customer rates it from 1 to 5: append `/5`. */
            rating_url: string;
        };
        Discard: {
            /** Format: uuid */
            draft_id: string;
            reason: string;
        };
        /** @description Space on the disk that holds the data, in bytes. */
        DiskSpace: {
            /** Format: int64 */
            free_bytes: number;
            /** Format: int64 */
            total_bytes: number;
            /** Format: int64 */
            database_bytes: number;
            /** @description So little is left that messages may soon be refused. */
            low: boolean;
        };
        DocumentBody: {
            id: components["schemas"]["DocumentId"];
            source: string;
            slug: string;
            title: string;
            passages: number;
            /** Format: date-time */
            updated_at: string;
            url: string;
            /** @description Came from the console: it can be removed here for good. */
            editable: boolean;
        };
        DocumentDetail: components["schemas"]["DocumentBody"] & {
            passages: components["schemas"]["PassageBody"][];
            markdown: string;
        };
        /**
         * Format: uuid
         * @description A knowledge document.
         */
        DocumentId: string;
        /** @description A draft with what carries it. */
        DraftView: {
            /** Format: uuid */
            id: string;
            /** @enum {string} */
            state: "sent" | "flagged" | "held" | "unused" | "approved" | "rejected" | "superseded";
            /** @description A newer customer message came. */
            void: boolean;
            body: string;
            /** @enum {string} */
            origin: "model" | "passage" | "hosted";
            /** Format: float */
            confidence: number;
            sources: components["schemas"]["Source"][];
            sentences: components["schemas"]["SentenceSupport"][];
            /** Format: date-time */
            created_at: string;
            decided_by: string | null;
            /** Format: date-time */
            decided_at: string | null;
        };
        /** @description Something that left the box. */
        EgressView: {
            /** Format: date-time */
            at: string;
            destination: string;
            model: string;
            purpose: string;
            /** Format: int32 */
            redactions: number;
            request_text: string;
        };
        Erase: {
            /** @description The word `erase`: it cannot be taken back. */
            confirm: string;
        };
        /** @description The proof of an erasure. Says nothing of the person. */
        ErasureReceipt: {
            /** @description SHA-256 of the customer's id, in hexadecimal: what the tombstone holds. */
            customer_hash: string;
            /** Format: date-time */
            erased_at: string;
            by: string;
            /** @description Rows that are gone, by kind. */
            counts: {
                [key: string]: number;
            };
            /** @description The store's copies that this box knows of. */
            copies: components["schemas"]["CopyErased"][];
        };
        Escalate: {
            category: components["schemas"]["EscalationCategory"];
            urgency: components["schemas"]["Urgency"];
            reason: string;
        };
        /**
         * @description Which team's matter it is.
         * @enum {string}
         */
        EscalationCategory: "billing" | "legal" | "security" | "account" | "technical" | "churn" | "general";
        /**
         * Format: uuid
         * @description A hand-over to a person.
         */
        EscalationId: string;
        /** @description The words of a hand-over. */
        EscalationText: {
            reason: string;
            summary: string;
            attempts: string[];
            /** Format: float */
            sentiment: number;
            suggested_next_step: string;
        };
        /** @description A hand-over with its record. */
        EscalationView: components["schemas"]["EscalationText"] & {
            id: components["schemas"]["EscalationId"];
            reference: string;
            ticket: string;
            subject: string;
            customer: string | null;
            channel: components["schemas"]["Channel"];
            plan: components["schemas"]["Plan"];
            /** @enum {string} */
            origin: "decision" | "approval" | "feedback" | "operator" | "failure";
            category: components["schemas"]["EscalationCategory"];
            urgency: components["schemas"]["Urgency"];
            team: string;
            mailbox: string;
            promise: string;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            due_at: string;
            sla: components["schemas"]["SlaState"];
            /** Format: date-time */
            resolved_at: string | null;
            resolved_by: string | null;
        };
        First: {
            /**
             * @description `ignore`, `acknowledge`, `escalate` or `draft`.
             * @enum {string}
             */
            decision: "ignore" | "acknowledge" | "escalate" | "draft";
            reason: string | null;
            category: components["schemas"]["EscalationCategory"] | null;
            urgency: components["schemas"]["Urgency"] | null;
        };
        FirstAdministrator: {
            name: string;
            password: string;
        };
        /** @description Questions that ask the same. */
        GroupedGap: {
            /** @description The newest of them. */
            question: string;
            count: number;
            /** @description Tickets, the newest 20. */
            references: string[];
            /** Format: date-time */
            newest_at: string;
        };
        /**
         * @description How a connection stands.
         * @enum {string}
         */
        HealthState: "ok" | "connecting" | "failing";
        /** @description The exact payload, or why there is none. */
        HostedPreview: {
            /** @description Whether anything would leave for the newest message, were it a hard case. */
            would_leave: boolean;
            /** @description Why nothing would: a rule, an address nobody is sure of, no passage to answer from. */
            reason: string | null;
            /** @description Host and port. */
            destination: string | null;
            /** @description How many things were taken out. */
            redactions: number;
            /** @description The request's body, word for word. */
            payload: Record<string, never> | null;
        };
        /** @description The week, and whether people are there now. */
        Hours: {
            time_zone: string;
            days: components["schemas"]["OpenHours"][];
            open_now: boolean;
        };
        /** @description The week as it is sent; `open_now` of an answer may come back and says nothing. */
        HoursRequest: {
            time_zone: string;
            days: components["schemas"]["OpenHours"][];
            open_now?: boolean | null;
        };
        /** @description An address in normal form, and whether the sender proved that it is theirs. */
        Identifier: {
            kind: components["schemas"]["IdentifierKind"];
            /** @description Normalised: see [`super::address`]. */
            value: string;
            /** @description True only on proof (an authenticated mail, a signed webhook, a one-time code). Typing proves nothing. */
            verified: boolean;
        };
        /**
         * @description What kind of address identifies a customer.
         * @enum {string}
         */
        IdentifierKind: "email" | "phone" | "whatsapp";
        /** @description Whether a text tries to instruct the assistant instead of asking it. */
        InjectionScreen: {
            /**
             * Format: float
             * @description 0..1.
             */
            score: number;
            flagged: boolean;
            evidence: string[];
        };
        /** @description A file that was left out. */
        IntakeError: {
            file: string;
            message: string;
        };
        /** @description A job's progress. */
        IntakeJob: {
            /** Format: uuid */
            id: string;
            state: components["schemas"]["IntakeState"];
            done: number;
            total: number;
            /** @description The document indexed last. */
            current: string | null;
            errors: components["schemas"]["IntakeError"][];
        };
        /**
         * @description Where a job stands.
         * @enum {string}
         */
        IntakeState: "running" | "done" | "failed";
        /**
         * @description What the customer wants.
         * @enum {string}
         */
        Intent: "how_to" | "password_reset" | "integration_issue" | "sync_problem" | "billing_inquiry" | "bug_report" | "feature_request" | "data_concern" | "notification_issue" | "mobile_issue" | "feedback" | "general";
        /** @description All there is. */
        Items_Colleague: {
            items: {
                id: components["schemas"]["OperatorId"];
                name: string;
                role: components["schemas"]["OperatorRole"];
                disabled: boolean;
            }[];
        };
        /** @description All there is. */
        Items_ConflictBody: {
            items: {
                /** Format: int64 */
                id: number;
                kind: components["schemas"]["ConflictKind"];
                topic: string;
                side: components["schemas"]["ConflictSide"];
                other: components["schemas"]["ConflictSide"] | null;
                /** @description One clause for people. */
                text: string;
                /** Format: date-time */
                found_at: string;
                accepted_by: string | null;
                /** Format: date-time */
                accepted_at: string | null;
            }[];
        };
        /** @description All there is. */
        Items_Connection: {
            items: {
                channel: components["schemas"]["Channel"];
                /** @description As named in the settings. */
                account: string;
                /** @description `receiving` or `sending`. */
                direction: string;
                state: components["schemas"]["HealthState"];
                /** @description Why it fails and what to do. */
                reason: string | null;
                /** Format: date-time */
                since: string;
            }[];
        };
        /** @description All there is. */
        Items_CustomerHit: {
            items: {
                id: components["schemas"]["CustomerId"];
                name: string | null;
                identifiers: components["schemas"]["Identifier"][];
                /** Format: int64 */
                tickets: number;
            }[];
        };
        /** @description All there is. */
        Items_DocumentBody: {
            items: {
                id: components["schemas"]["DocumentId"];
                source: string;
                slug: string;
                title: string;
                passages: number;
                /** Format: date-time */
                updated_at: string;
                url: string;
                /** @description Came from the console: it can be removed here for good. */
                editable: boolean;
            }[];
        };
        /** @description All there is. */
        Items_GroupedGap: {
            items: {
                /** @description The newest of them. */
                question: string;
                count: number;
                /** @description Tickets, the newest 20. */
                references: string[];
                /** Format: date-time */
                newest_at: string;
            }[];
        };
        /** @description All there is. */
        Items_LabelCount: {
            items: {
                name: string;
                /** Format: int64 */
                count: number;
            }[];
        };
        /** @description All there is. */
        Items_MacroView: {
            items: {
                /** Format: uuid */
                id: string;
                name: string;
                body: string;
                updated_by: string;
                /** Format: date-time */
                updated_at: string;
            }[];
        };
        /** @description All there is. */
        Items_OperatorView: {
            items: {
                id: components["schemas"]["OperatorId"];
                name: string;
                role: components["schemas"]["OperatorRole"];
                disabled: boolean;
                totp: boolean;
                /** Format: date-time */
                created_at: string;
                /** Format: date-time */
                last_seen_at: string | null;
            }[];
        };
        /** @description All there is. */
        Items_Retrieved: {
            items: {
                passage_id: components["schemas"]["PassageId"];
                title: string;
                section: string;
                text: string;
                url: string;
                /** Format: float */
                score: number;
                /** Format: float */
                similarity: number | null;
                /** Format: float */
                sentence_similarity: number | null;
                /** Format: float */
                word_coverage: number;
                /** Format: float */
                certainty: number;
                names_unknown: boolean;
            }[];
        };
        /** @description All there is. */
        Items_SearchHit: {
            items: {
                conversation: components["schemas"]["Row"];
                /** @description `message`, `subject` or `customer`. */
                matched: string;
                /** @description Plain text; what was found stands between U+0002 and U+0003. */
                snippet: string;
            }[];
        };
        /** @description All there is. */
        Items_SessionBody: {
            items: {
                /** Format: uuid */
                id: string;
                /** Format: date-time */
                created_at: string;
                /** Format: date-time */
                last_seen_at: string;
                /** Format: date-time */
                expires_at: string;
                address: string;
                client: string;
                current: boolean;
            }[];
        };
        /** @description All there is. */
        Items_Team: {
            items: {
                name: string;
                mailbox: string;
                categories: components["schemas"]["EscalationCategory"][];
            }[];
        };
        /** @description All there is. */
        Items_TokenView: {
            items: {
                /** Format: uuid */
                id: string;
                name: string;
                scope: components["schemas"]["TokenScope"];
                created_by: string;
                /** Format: date-time */
                created_at: string;
                /** Format: date-time */
                last_used_at: string | null;
                /** Format: date-time */
                revoked_at: string | null;
            }[];
        };
        /** @description A label in use. */
        LabelCount: {
            name: string;
            /** Format: int64 */
            count: number;
        };
        Labels: {
            labels: string[];
        };
        /** @description The newest message in a row. */
        LastMessage: {
            /** Format: date-time */
            at: string;
            role: components["schemas"]["Role"];
            /** @description At most 140 characters. */
            preview: string;
        };
        /** @description What a check of the ledger found. */
        LedgerCheck: {
            /** @description Every row continues the one before. */
            whole: boolean;
            /**
             * Format: int64
             * @description Rows that were checked, when it is whole; else the first that does not fit.
             */
            row: number;
        };
        /** @description One thing that left the box. */
        LedgerRow: {
            /** Format: int64 */
            number: number;
            /** Format: date-time */
            at: string;
            purpose: string;
            /** @description Host and port. */
            destination: string;
            /** Format: int64 */
            bytes: number;
            /** @description Of what was said. */
            sha256: string;
        };
        /** @description A text that operators use again and again. */
        MacroView: {
            /** Format: uuid */
            id: string;
            name: string;
            body: string;
            updated_by: string;
            /** Format: date-time */
            updated_at: string;
        };
        MadeToken: components["schemas"]["TokenView"] & {
            /** @description Shown this once. */
            secret: string;
        };
        Me: {
            id: components["schemas"]["OperatorId"] | null;
            name: string;
            role: components["schemas"]["OperatorRole"];
            /**
             * @description `session` or `token`.
             * @enum {string}
             */
            via: "session" | "token";
            totp: boolean;
            /** Format: int32 */
            recovery_codes_left: number;
            /** Format: date-time */
            session_expires_at: string | null;
        };
        Merge: {
            other_id: components["schemas"]["CustomerId"];
        };
        /** @description A merge that can be taken back. */
        MergeView: {
            /** Format: uuid */
            id: string;
            merged_customer_id: components["schemas"]["CustomerId"];
            merged_name: string | null;
            /** Format: date-time */
            at: string;
            by: string;
        };
        Merged: {
            /** Format: uuid */
            merge_id: string;
        };
        /**
         * Format: uuid
         * @description One message in a conversation.
         */
        MessageId: string;
        /**
         * @description What kind of message it is.
         * @enum {string}
         */
        MessageKind: "request" | "greeting" | "thanks" | "emoji_only" | "empty" | "spam" | "automatic_mail";
        /** @description The mood at a moment. */
        MoodPoint: {
            /** Format: date-time */
            at: string;
            /** Format: float */
            score: number;
        };
        NewArticle: {
            title: string;
            markdown: string;
            /** @description The ticket whose reply it comes from. */
            reference?: string | null;
        };
        /** @description One about to be kept. */
        NewMacro: {
            name: string;
            /** @description Markdown. */
            body: string;
        };
        NewPassword: {
            current: string;
            new: string;
        };
        NewToken: {
            name: string;
            scope: components["schemas"]["TokenScope"];
        };
        NewUser: {
            name: string;
            password: string;
            role: components["schemas"]["OperatorRole"];
        };
        Note: {
            text: string;
        };
        Nothing: Record<string, never>;
        /** @description A ticket's open hand-over in a row. */
        OpenEscalation: {
            reference: string;
            category: components["schemas"]["EscalationCategory"];
            urgency: components["schemas"]["Urgency"];
            /** Format: date-time */
            due_at: string;
            sla: components["schemas"]["SlaState"];
        };
        /** @description Opening hours of one day; a day may occur twice (a break at noon), one that is missing is closed. */
        OpenHours: {
            day: components["schemas"]["Weekday"];
            /** @description `09:00`. */
            from: string;
            /** @description `17:30`, later than `from`; `24:00` is the day's end. */
            to: string;
        };
        /**
         * Format: uuid
         * @description Somebody who works the console.
         */
        OperatorId: string;
        /**
         * @description What somebody may do. Each role may all that the one before it may.
         * @enum {string}
         */
        OperatorRole: "viewer" | "operator" | "administrator";
        /** @description An operator as administrators see one. */
        OperatorView: {
            id: components["schemas"]["OperatorId"];
            name: string;
            role: components["schemas"]["OperatorRole"];
            disabled: boolean;
            totp: boolean;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            last_seen_at: string | null;
        };
        /**
         * Format: uuid
         * @description A message on its way out.
         */
        OutboxId: string;
        /** @description A page. `next_cursor` is null at the end. */
        Page_AuditEntry: {
            items: {
                /** Format: int64 */
                id: number;
                /** Format: date-time */
                at: string;
                actor: string;
                action: string;
                subject: string;
                details: {
                    [key: string]: unknown;
                };
            }[];
            next_cursor: string | null;
        };
        /** @description A page. `next_cursor` is null at the end. */
        Page_EscalationView: {
            items: (components["schemas"]["EscalationText"] & {
                id: components["schemas"]["EscalationId"];
                reference: string;
                ticket: string;
                subject: string;
                customer: string | null;
                channel: components["schemas"]["Channel"];
                plan: components["schemas"]["Plan"];
                origin: string;
                category: components["schemas"]["EscalationCategory"];
                urgency: components["schemas"]["Urgency"];
                team: string;
                mailbox: string;
                promise: string;
                /** Format: date-time */
                created_at: string;
                /** Format: date-time */
                due_at: string;
                sla: components["schemas"]["SlaState"];
                /** Format: date-time */
                resolved_at: string | null;
                resolved_by: string | null;
            })[];
            next_cursor: string | null;
        };
        /** @description A page. `next_cursor` is null at the end. */
        Page_LedgerRow: {
            items: {
                /** Format: int64 */
                number: number;
                /** Format: date-time */
                at: string;
                purpose: string;
                /** @description Host and port. */
                destination: string;
                /** Format: int64 */
                bytes: number;
                /** @description Of what was said. */
                sha256: string;
            }[];
            next_cursor: string | null;
        };
        /** @description A page. `next_cursor` is null at the end. */
        Page_RatingView: {
            items: {
                reference: string;
                subject: string;
                /** Format: int32 */
                score: number;
                /** Format: date-time */
                rated_at: string;
                /** @description Who wrote the last answer, when it was a person. */
                operator: string | null;
            }[];
            next_cursor: string | null;
        };
        /** @description A page. `next_cursor` is null at the end. */
        Page_Row: {
            items: {
                reference: string;
                conversation_id: components["schemas"]["ConversationId"];
                subject: string;
                customer: components["schemas"]["CustomerName"];
                channel: components["schemas"]["Channel"];
                status: components["schemas"]["TicketStatus"];
                stage: components["schemas"]["Stage"];
                category: components["schemas"]["Category"];
                priority: components["schemas"]["Priority"];
                plan: components["schemas"]["Plan"];
                language: string | null;
                /** Format: float */
                sentiment: number | null;
                team: string | null;
                assignee: components["schemas"]["AssigneeView"] | null;
                taken_over_by: string | null;
                escalation: components["schemas"]["OpenEscalation"] | null;
                /** @description `held` or `flagged`. */
                draft: string | null;
                /** Format: date-time */
                snoozed_until: string | null;
                spam: boolean;
                labels: string[];
                /** Format: date-time */
                waiting_since: string | null;
                last_message: components["schemas"]["LastMessage"];
                /** Format: date-time */
                created_at: string;
                /** Format: date-time */
                updated_at: string;
            }[];
            next_cursor: string | null;
        };
        PassageBody: {
            id: components["schemas"]["PassageId"];
            section: string;
            text: string;
            url: string;
        };
        /**
         * Format: int64
         * @description A retrieved chunk's row number; it doubles as its row in the full-text and vector indexes.
         */
        PassageId: number;
        Password: {
            password: string;
        };
        /** @description A reply that can still be called back. */
        PendingReply: {
            outbox_id: components["schemas"]["OutboxId"];
            message_id: components["schemas"]["MessageId"];
            /** Format: date-time */
            until: string;
        };
        /**
         * @description What the customer pays for.
         * @enum {string}
         */
        Plan: "free" | "pro" | "enterprise";
        Policy: {
            company: components["schemas"]["CompanySettings"];
            bands: components["schemas"]["BandsBody"];
            /**
             * @description `model` or `passage`.
             * @enum {string}
             */
            answer_mode: "model" | "passage";
            files: components["schemas"]["PolicyFile"][];
        };
        /** @description A policy file as it is in force. */
        PolicyFile: {
            name: string;
            text: string;
            /** @description The operator's own, in place of the shipped one. */
            own: boolean;
        };
        /** @description Somebody at a conversation. */
        Presence: {
            operator: string;
            typing: boolean;
            reference: string | null;
        };
        PresenceRequest: {
            /** @description Null: looks at no conversation. */
            reference?: string | null;
            typing: boolean;
        };
        /**
         * @description How urgent the customer says it is. A hint for people; never an input of a decision.
         * @enum {string}
         */
        Priority: "low" | "medium" | "high" | "urgent";
        Queue: {
            /** Format: int64 */
            waiting: number;
            /** Format: int64 */
            leased: number;
            /** Format: int64 */
            dead: number;
            /** Format: int64 */
            outbox_waiting: number;
            /** Format: int64 */
            outbox_dead: number;
            /** Format: date-time */
            oldest_due: string | null;
            stuck: boolean;
        };
        /** @description What a customer gave. */
        RatingView: {
            reference: string;
            subject: string;
            /** Format: int32 */
            score: number;
            /** Format: date-time */
            rated_at: string;
            /** @description Who wrote the last answer, when it was a person. */
            operator: string | null;
        };
        RecoveryCodes: {
            /** @description Shown this once. */
            recovery_codes: string[];
        };
        Replay: {
            /**
             * @description `job` or `delivery`.
             * @enum {string}
             */
            kind: "job" | "delivery";
            id: string;
        };
        Reply: {
            /** @description Markdown. */
            text: string;
            seen_message_id?: components["schemas"]["MessageId"] | null;
            close?: boolean;
            force?: boolean;
        };
        Report: {
            report: string;
            from: string;
            to: string;
            columns: components["schemas"]["ReportColumn"][];
            rows: (string | number | null)[][];
        };
        /** @description A column of a report. */
        ReportColumn: {
            name: string;
            /**
             * @description `text`, `count`, `seconds`, `minutes`, `share` or `score`.
             * @enum {string}
             */
            unit: "text" | "count" | "seconds" | "minutes" | "share" | "score";
        };
        Resolve: {
            /** @default null */
            notes: string | null;
        };
        /** @description A passage as retrieval saw it. */
        Retrieved: {
            passage_id: components["schemas"]["PassageId"];
            title: string;
            section: string;
            text: string;
            url: string;
            /** Format: float */
            score: number;
            /** Format: float */
            similarity: number | null;
            /** Format: float */
            sentence_similarity: number | null;
            /** Format: float */
            word_coverage: number;
            /** Format: float */
            certainty: number;
            names_unknown: boolean;
        };
        /**
         * @description Who wrote a message.
         * @enum {string}
         */
        Role: "customer" | "assistant" | "operator" | "system";
        /** @description One row of the inbox: one ticket. */
        Row: {
            reference: string;
            conversation_id: components["schemas"]["ConversationId"];
            subject: string;
            customer: components["schemas"]["CustomerName"];
            channel: components["schemas"]["Channel"];
            status: components["schemas"]["TicketStatus"];
            stage: components["schemas"]["Stage"];
            category: components["schemas"]["Category"];
            priority: components["schemas"]["Priority"];
            plan: components["schemas"]["Plan"];
            language: string | null;
            /** Format: float */
            sentiment: number | null;
            team: string | null;
            assignee: components["schemas"]["AssigneeView"] | null;
            taken_over_by: string | null;
            escalation: components["schemas"]["OpenEscalation"] | null;
            /**
             * @description `held` or `flagged`.
             * @enum {string|null}
             */
            draft: "held" | "flagged" | null;
            /** Format: date-time */
            snoozed_until: string | null;
            spam: boolean;
            labels: string[];
            /** Format: date-time */
            waiting_since: string | null;
            last_message: components["schemas"]["LastMessage"];
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            updated_at: string;
        };
        /** @description A ticket found by words. */
        SearchHit: {
            conversation: components["schemas"]["Row"];
            /**
             * @description `message`, `subject` or `customer`.
             * @enum {string}
             */
            matched: "message" | "subject" | "customer";
            /** @description Plain text; what was found stands between U+0002 and U+0003. */
            snippet: string;
        };
        Second: {
            /**
             * @description `send`, `send_and_flag`, `hold` or `person`.
             * @enum {string}
             */
            decision: "send" | "send_and_flag" | "hold" | "person";
            autonomy: components["schemas"]["AutonomyLevel"];
        };
        /** @description One sentence of a draft and what carries it. */
        SentenceSupport: {
            text: string;
            supported: boolean;
            passage_id: components["schemas"]["PassageId"] | null;
            /**
             * Format: float
             * @description Best cosine similarity to a sentence of a passage, when an embedder was there.
             */
            similarity: number | null;
            /** @description Why it was dropped: `number`, `url`, `path`, `quoted_label`, `meaning`. */
            fault: string | null;
        };
        /** @description The mood of one message. */
        Sentiment: {
            /**
             * Format: float
             * @description -1..1.
             */
            score: number;
            /**
             * Format: float
             * @description How sure the reading is, 0..1.
             */
            confidence: number;
        };
        /**
         * @description Where the mood of a conversation is going.
         * @enum {string}
         */
        SentimentTrend: "improving" | "stable" | "declining" | "unknown";
        SessionBody: {
            /** Format: uuid */
            id: string;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            last_seen_at: string;
            /** Format: date-time */
            expires_at: string;
            address: string;
            client: string;
            current: boolean;
        };
        Setup: {
            needs_administrator: boolean;
            company: components["schemas"]["CompanySettings"] | null;
        };
        SetupRequest: {
            administrator: components["schemas"]["FirstAdministrator"];
            company: components["schemas"]["CompanySettings"];
        };
        SignIn: {
            name: string;
            password: string;
            /** @description Six digits, or a recovery code. */
            code?: string | null;
        };
        /** @description One reason for or against a person, readable by an operator. */
        Signal: {
            /** @description The rule's name in the policy, for example `billing.refund`. */
            name: string;
            category: components["schemas"]["EscalationCategory"];
            class: components["schemas"]["SignalClass"];
            source: components["schemas"]["SignalSource"];
            /**
             * Format: float
             * @description How much it counts, 0..1 (negative for `Never`).
             */
            weight: number;
            /** @description The customer's words (or the circumstance) that led to it. */
            evidence: string;
        };
        /**
         * @description How binding a signal is.
         * @enum {string}
         */
        SignalClass: "always" | "likely" | "never";
        /**
         * @description Where a signal comes from.
         * @enum {string}
         */
        SignalSource: "rule" | "exemplar" | "sentiment" | "history" | "circumstance";
        /**
         * @description How a promise stands.
         * @enum {string}
         */
        SlaState: "ok" | "due_soon" | "overdue";
        Snooze: {
            /** Format: date-time */
            until?: string | null;
        };
        /** @description Where an answer was taken from, as stored with the message and shown to the customer. */
        Source: {
            passage_id: components["schemas"]["PassageId"];
            title: string;
            section: string;
            url: string;
        };
        /**
         * @description A step on the way of a message, in order of appearance.
         * @enum {string}
         */
        Stage: "received" | "reading" | "searching" | "writing" | "checking" | "with_a_person" | "answered" | "failed";
        System: {
            version: string;
            ready: boolean;
            store: string;
            chat_model: string;
            embedding_model: string;
            queue: components["schemas"]["Queue"];
            disk: components["schemas"]["DiskSpace"];
            /** @description The newest 50. */
            dead_letters: components["schemas"]["DeadLetterBody"][];
        };
        TakeOver: {
            /** @default false */
            force: boolean;
        };
        Team: {
            name: string;
            mailbox: string;
            categories: components["schemas"]["EscalationCategory"][];
        };
        /** @description What was done to the ticket. */
        ThreadEvent: {
            id: string;
            reference: string;
            /** Format: date-time */
            at: string;
            actor: string;
            action: string;
            text: string;
        };
        /** @description What the thread holds. */
        ThreadItem: (components["schemas"]["ThreadMessage"] & {
            /** @enum {string} */
            kind: "message";
        }) | (components["schemas"]["ThreadNote"] & {
            /** @enum {string} */
            kind: "note";
        }) | (components["schemas"]["ThreadEvent"] & {
            /** @enum {string} */
            kind: "event";
        });
        /** @description A message of the conversation. */
        ThreadMessage: {
            id: components["schemas"]["MessageId"];
            /** @description The ticket it belongs to. */
            reference: string;
            role: components["schemas"]["Role"];
            channel: components["schemas"]["Channel"];
            text: string;
            /** Format: date-time */
            at: string;
            /** Format: float */
            sentiment: number | null;
            /** @description Written by the assistant, approved by nobody. */
            automatic: boolean;
            author: string | null;
            /** @enum {string|null} */
            delivery: "pending" | "sent" | "delivered" | "read" | "failed" | "cancelled" | null;
            delivery_error: string | null;
            sources: components["schemas"]["Source"][];
            attachments: components["schemas"]["AttachmentView"][];
            /** @description It has a formatted form, to be looked at in a frame. */
            formatted: boolean;
            /** @description Of mails: whether the domain of the sender's address vouches for it. */
            verified: boolean | null;
            /** @description Why only a person may see to it. */
            held: string | null;
            /** @description Why a machine is taken to have written it. */
            automatic_mail: string | null;
        };
        /** @description What operators tell each other. */
        ThreadNote: {
            /** Format: uuid */
            id: string;
            reference: string;
            author: string;
            text: string;
            /** Format: date-time */
            at: string;
        };
        /**
         * @description Where a ticket stands.
         * @enum {string}
         */
        TicketStatus: "open" | "in_progress" | "escalated" | "resolved" | "closed";
        /**
         * @description What a token may do.
         * @enum {string}
         */
        TokenScope: "read" | "act" | "admin";
        /** @description A program's token, without its secret. */
        TokenView: {
            /** Format: uuid */
            id: string;
            name: string;
            scope: components["schemas"]["TokenScope"];
            created_by: string;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            last_used_at: string | null;
            /** Format: date-time */
            revoked_at: string | null;
        };
        TotpEnrolment: {
            secret: string;
            uri: string;
            /** @description A PNG as a data address. */
            qr: string;
        };
        /** @description What spoke for and against a person. */
        TriageEscalation: {
            /** Format: float */
            score: number;
            category: components["schemas"]["EscalationCategory"];
            urgency: components["schemas"]["Urgency"];
            signals: components["schemas"]["Signal"][];
        };
        /** @description What triage read in a message. */
        TriageView: {
            kind: components["schemas"]["MessageKind"];
            language: string | null;
            language_served: boolean;
            intent: components["schemas"]["Intent"];
            sentiment: components["schemas"]["Sentiment"];
            injection: components["schemas"]["InjectionScreen"];
            escalation: components["schemas"]["TriageEscalation"];
        };
        TriedDraft: {
            body: string;
            /** @enum {string} */
            origin: "model" | "passage" | "hosted";
            /** Format: float */
            confidence: number;
            sources: components["schemas"]["Source"][];
            sentences: components["schemas"]["SentenceSupport"][];
            note: string | null;
        };
        TryRequest: {
            text: string;
            subject?: string | null;
            plan?: components["schemas"]["Plan"];
            channel?: components["schemas"]["Channel"] | null;
        };
        TryResult: {
            triage: components["schemas"]["TriageView"];
            first: components["schemas"]["First"];
            retrieval: components["schemas"]["Retrieved"][];
            draft: components["schemas"]["TriedDraft"] | null;
            second: components["schemas"]["Second"] | null;
            /** @description As it would be sent. */
            reply: string | null;
            timings_ms: {
                [key: string]: number;
            };
        };
        Undo: {
            /** Format: uuid */
            outbox_id: string;
        };
        /**
         * @description How fast a person must look.
         * @enum {string}
         */
        Urgency: "critical" | "high" | "normal" | "low";
        UserChange: {
            role?: components["schemas"]["OperatorRole"] | null;
            disabled?: boolean | null;
            password?: string | null;
            reset_totp?: boolean;
        };
        /**
         * @description A day of the week.
         * @enum {string}
         */
        Weekday: "monday" | "tuesday" | "wednesday" | "thursday" | "friday" | "saturday" | "sunday";
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    post_account_password: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewPassword"];
            };
        };
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description wrong_password */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    post_account_recovery_codes: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Password"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RecoveryCodes"];
                };
            };
        };
    };
    post_account_totp: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Password"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TotpEnrolment"];
                };
            };
        };
    };
    post_account_totp_confirm: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Code"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RecoveryCodes"];
                };
            };
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    post_account_totp_disable: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Password"];
            };
        };
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description wrong_password */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    get_analytics_report: {
        parameters: {
            query?: {
                /** @description First day; 30 days ago when nothing is said. */
                from?: string;
                /** @description Last day; today when nothing is said. */
                to?: string;
                channel?: string;
                /** @description `csv` for a file. */
                format?: string;
            };
            header?: never;
            path: {
                report: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Report"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    get_attachments_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": number[];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    get_audit: {
        parameters: {
            query?: {
                actor?: string;
                /** @description A beginning: `conversation.`. */
                action?: string;
                subject?: string;
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_AuditEntry"];
                };
            };
        };
    };
    get_autonomy: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Autonomy"];
                };
            };
        };
    };
    put_autonomy: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Autonomy"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Autonomy"];
                };
            };
        };
    };
    get_backups: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BackupList"];
                };
            };
        };
    };
    post_backups: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Nothing"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BackupView"];
                };
            };
            /** @description backup_running */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    get_business_hours: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Hours"];
                };
            };
        };
    };
    put_business_hours: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["HoursRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Hours"];
                };
            };
        };
    };
    get_channels: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Items_Connection"];
                };
            };
        };
    };
    get_company: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CompanySettings"];
                };
            };
        };
    };
    put_company: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CompanySettings"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CompanySettings"];
                };
            };
        };
    };
    get_conversations: {
        parameters: {
            query?: {
                /** @description `all`, `mine`, `unassigned`, `needs_approval`, `escalated`, `waiting`, `snoozed`, `closed` or `spam`. */
                view?: string;
                /** @description `newest` or `oldest`, by the last message. */
                sort?: string;
                /** @description 1 to 100; 50 when nothing is said. */
                limit?: number;
                cursor?: string;
                channel?: string;
                team?: string;
                assignee?: string;
                /** @description `negative`, `neutral` or `positive`. */
                sentiment?: string;
                plan?: string;
                language?: string;
                label?: string;
                /** @description The last message came on this day or later. */
                from?: string;
                /** @description The last message came on this day or earlier. */
                to?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Row"];
                };
            };
        };
    };
    get_conversations_counts: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Counts"];
                };
            };
        };
    };
    get_conversations_reference: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                reference: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DetailBody"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    post_conversations_reference_approve: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                reference: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Approve"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ActionResult"];
                };
            };
            /** @description draft_void, draft_decided or taken_over */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    post_conversations_reference_assign: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                reference: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Assign"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ActionResult"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    post_conversations_reference_close: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                reference: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Close"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ActionResult"];
                };
            };
        };
    };
    post_conversations_reference_discard: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                reference: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Discard"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ActionResult"];
                };
            };
            /** @description draft_void or draft_decided */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    post_conversations_reference_escalate: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                reference: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Escalate"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ActionResult"];
                };
            };
            /** @description escalated_already */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    post_conversations_reference_hand_back: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                reference: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Nothing"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ActionResult"];
                };
            };
        };
    };
    get_conversations_reference_hosted_preview: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                reference: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HostedPreview"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description hosted_off */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    post_conversations_reference_labels: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                reference: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Labels"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ActionResult"];
                };
            };
        };
    };
    get_conversations_reference_messages_id_raw: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                reference: string;
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
        };
    };
    post_conversations_reference_not_spam: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                reference: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Nothing"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ActionResult"];
                };
            };
        };
    };
    post_conversations_reference_notes: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                reference: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Note"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ActionResult"];
                };
            };
        };
    };
    post_conversations_reference_reopen: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                reference: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Nothing"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ActionResult"];
                };
            };
        };
    };
    post_conversations_reference_reply: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                reference: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Reply"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ActionResult"];
                };
            };
            /** @description draft_void or taken_over */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    post_conversations_reference_snooze: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                reference: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Snooze"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ActionResult"];
                };
            };
        };
    };
    post_conversations_reference_spam: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                reference: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Nothing"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ActionResult"];
                };
            };
        };
    };
    post_conversations_reference_take_over: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                reference: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TakeOver"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ActionResult"];
                };
            };
            /** @description taken_over */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    post_conversations_reference_undo: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                reference: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Undo"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ActionResult"];
                };
            };
            /** @description too_late */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    get_customers: {
        parameters: {
            query?: {
                q?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Items_CustomerHit"];
                };
            };
        };
    };
    post_customers_id_erase: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Erase"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErasureReceipt"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    get_customers_id_export: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/zip": number[];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    post_customers_id_merge: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Merge"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Merged"];
                };
            };
            /** @description same_customer or merged_already */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    get_egress: {
        parameters: {
            query?: {
                /** @description For example `mail` or `hosted_model`. */
                purpose?: string;
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_LedgerRow"];
                };
            };
        };
    };
    get_egress_check: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LedgerCheck"];
                };
            };
        };
    };
    get_escalations: {
        parameters: {
            query?: {
                /** @description `open` (soonest due first) or `resolved` (newest first). */
                state?: string;
                team?: string;
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_EscalationView"];
                };
            };
        };
    };
    post_escalations_id_resolve: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Resolve"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EscalationView"];
                };
            };
            /** @description conflict: settled already */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    get_events: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    post_knowledge_articles: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewArticle"];
            };
        };
        responses: {
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IntakeJob"];
                };
            };
        };
    };
    get_knowledge_conflicts: {
        parameters: {
            query?: {
                /** @description Those that were accepted, too. */
                accepted?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Items_ConflictBody"];
                };
            };
        };
    };
    post_knowledge_conflicts_id_accept: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: number;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Nothing"];
            };
        };
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    get_knowledge_documents: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Items_DocumentBody"];
                };
            };
        };
    };
    post_knowledge_documents: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "multipart/form-data": string;
            };
        };
        responses: {
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IntakeJob"];
                };
            };
            /** @description bad_file */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    get_knowledge_documents_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DocumentDetail"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    delete_knowledge_documents_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    get_knowledge_gaps: {
        parameters: {
            query?: {
                /** @description How far back; 30 when nothing is said, at most 366. */
                days?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Items_GroupedGap"];
                };
            };
        };
    };
    get_knowledge_jobs_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IntakeJob"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    post_knowledge_reindex: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Nothing"];
            };
        };
        responses: {
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IntakeJob"];
                };
            };
        };
    };
    get_knowledge_search: {
        parameters: {
            query?: {
                q?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Items_Retrieved"];
                };
            };
        };
    };
    get_labels: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Items_LabelCount"];
                };
            };
        };
    };
    get_macros: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Items_MacroView"];
                };
            };
        };
    };
    post_macros: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewMacro"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MacroView"];
                };
            };
            /** @description name_taken */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    put_macros_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewMacro"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MacroView"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    delete_macros_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    delete_merges_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    get_messages_id_formatted: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/html": string;
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    get_operators: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Items_Colleague"];
                };
            };
        };
    };
    get_policy: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Policy"];
                };
            };
        };
    };
    post_policy_try: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TryRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TryResult"];
                };
            };
            /** @description a model is still loading */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    put_presence: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PresenceRequest"];
            };
        };
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    get_ratings: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_RatingView"];
                };
            };
        };
    };
    get_search: {
        parameters: {
            query?: {
                q?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Items_SearchHit"];
                };
            };
        };
    };
    get_session: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Me"];
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    post_session: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SignIn"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Me"];
                };
            };
            /** @description wrong_credentials, code_needed or wrong_code */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description locked */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    delete_session: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    get_sessions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Items_SessionBody"];
                };
            };
        };
    };
    delete_sessions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    delete_sessions_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    get_setup: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Setup"];
                };
            };
        };
    };
    post_setup: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SetupRequest"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Me"];
                };
            };
            /** @description already_set_up */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    get_system: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["System"];
                };
            };
        };
    };
    post_system_dead_letters_replay: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Replay"];
            };
        };
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    get_teams: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Items_Team"];
                };
            };
        };
    };
    get_tokens: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Items_TokenView"];
                };
            };
        };
    };
    post_tokens: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewToken"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MadeToken"];
                };
            };
        };
    };
    delete_tokens_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    get_users: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Items_OperatorView"];
                };
            };
        };
    };
    post_users: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewUser"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperatorView"];
                };
            };
            /** @description name_taken */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    patch_users_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UserChange"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperatorView"];
                };
            };
            /** @description last_administrator */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
}
