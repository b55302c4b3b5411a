"""What a scenario has to do to notice a kind of mistake, the shipped scenario that does it, the names of the kinds."""

from __future__ import annotations

TABLE: tuple[tuple[str, str, str], ...] = (
    (
        "create a lead in marketing, sync, check_delivered",
        "first-lead",
        (
            "address_not_listed allowlist_empty network_too_small connector_moved switched_off not_verified "
            "password_changed connector_user_inactive may_not_write api_not_enabled quota_too_small "
            "quota_none network_of_neighbours login_of_another defect_do_nothing defect_one_way_to_crm "
            "defect_one_way_to_marketing delivered_on_request delivered_when_qualified "
            "delivered_when_assigned defect_direction_ignored_to_marketing"
        ),
    ),
    (
        "create a lead in marketing that has no value for the field, sync, check_delivered",
        "first-lead",
        "required_field",
    ),
    (
        "create leads that the rule is about in both systems, sync, check_delivered",
        "existing-records-never",
        "validation_rule",
    ),
    (
        (
            "fill the field, sync, check_field on the other side (not every_field: that follows the mapping, "
            "a wrong one too)"
        ),
        "lead-from-crm",
        "mapping_missing",
    ),
    (
        "create a lead in the CRM, sync, check_delivered `in: marketing`",
        "contact-from-crm",
        "import_none default_direction_changed defect_direction_ignored_to_crm link_field_not_on_contact",
    ),
    (
        "name in a scenario any field of the connection (the mistake is refused when the files are read)",
        "first-lead",
        (
            "crm_id_misspelt marketing_id_misspelt label_for_id two_into_one link_field_misspelt "
            "object_unknown contacts_left_out"
        ),
    ),
    (
        "create a lead in marketing with every mapped field filled, sync, check_every_field",
        "every-field-both-ways",
        (
            "defect_knows_few_fields direction_to_marketing direction_none read_only_field fewer_decimals "
            "defect_cuts_texts"
        ),
    ),
    (
        "create a lead in the CRM with every mapped field filled, sync, check_every_field `from: crm`",
        "contact-from-crm",
        "direction_to_crm",
    ),
    (
        (
            "give each field a value of its own, sync, check_fields with these values (not every_field: that "
            "follows the mapping, a wrong one too)"
        ),
        "every-field-of-a-contact",
        (
            "fields_swapped type_of_another_kind marketing_type_changed too_short defect_trims_zeros "
            "mapping_removed_one_object look_alikes_crosswise contact_phone_elsewhere text_became_picklist"
        ),
    ),
    (
        "fill a text to its full length in the CRM, sync, check_field",
        "lead-from-crm",
        "marketing_too_short",
    ),
    (
        "give a date-time field a value and tick a checkbox, sync, check_every_field",
        "first-lead",
        "defect_local_time defect_loses_ticks",
    ),
    (
        ("give the picklist each of its values, one lead each, sync, check_fields with the values on each side"),
        "every-choice",
        (
            "value_without_partner values_crosswise value_misspelt choice_renamed marketing_choice_removed "
            "rare_choice_missing"
        ),
    ),
    (
        "give two leads the same value, sync, check_count or check_delivered",
        "many-records",
        "field_made_unique",
    ),
    (
        "sync more people than one page holds, check_count",
        "many-records",
        "defect_misses_pages",
    ),
    (
        "give a lead an owner in marketing, sync, check_owner `is: NAME` of the CRM's user",
        "every-owner",
        (
            "user_not_mapped mapped_to_nobody users_swapped mapped_user_inactive crm_user_renamed "
            "owner_left_marketing all_to_one user_map_backwards two_users_of_one_name user_left_marketing"
        ),
    ),
    (
        (
            "create a lead that the rule is meant for, sync, check_owner `is: NAME` (not by_rules: that "
            "follows the rules, wrong ones too)"
        ),
        "assignment-rules",
        (
            "rule_impossible rule_shadowed rule_names_inactive_user rule_value_misspelt rule_to_another_user "
            "rule_switched_off rule_removed rule_on_another_field rule_bound_too_high rule_negated"
        ),
    ),
    (
        "create a lead that two rules match, sync, check_owner `is: NAME`",
        "rules-not-owners",
        "rules_in_another_order rule_in_turns",
    ),
    (
        "create a lead that no rule matches, sync, check_owner `is: NAME`",
        "assignment-rules",
        "default_owner_changed default_owner_missing",
    ),
    (
        "give a lead an owner in marketing other than the rules would, sync, check_owner `is: NAME`",
        "rules-not-owners",
        "assign_by_marketing",
    ),
    (
        "create a lead, sync, check_owner and check_oracle",
        "first-lead",
        "defect_swaps_owners defect_owner_not_pushed connector_as_salesperson delivered_as_contact connector_not_known",
    ),
    (
        "create a lead, sync, check_quiet",
        "first-lead",
        "defect_echoes defect_echoes_late defect_exclusive_watermark",
    ),
    (
        "enter a person twice in the CRM and once in marketing, sync, check_delivered `linked: any`",
        "duplicate-refuse",
        "ambiguous_oldest matched_newest defect_ambiguous_ignored",
    ),
    (
        "enter one person in both systems, the e-mail address in other letters, sync, check_no_duplicates",
        "duplicate-letter-case",
        "defect_case_sensitive_email defect_row_1_removed defect_row_1_swapped",
    ),
    (
        "submit a form with another telephone number for the same e-mail address",
        "false-phone",
        "match_by_phone",
    ),
    (
        "create two leads that agree in that field, sync, check_delivered",
        "first-cycle",
        "duplicate_rule_blocks",
    ),
    (
        ("let an answer be lost (`fault: lost_after_apply`) while a lead is created, sync, check_delivered `count: 1`"),
        "answer-lost",
        "defect_doubles_on_retry",
    ),
    (
        "let rows be refused for a moment (`fault: row_lock`), sync again, check_delivered",
        "rows-locked",
        "defect_never_retries",
    ),
    (
        "delete a synced lead on one side, sync, check what became of it on the other",
        "delete-recycle",
        "defect_deletes_ignored",
    ),
    (
        "delete a synced lead on one side, sync, check_delivered on the other",
        "delete-ignore",
        "deletes_propagate",
    ),
    (
        ("add a lead to the campaign, sync, check_member `status: NAME`; set another status, sync, check_member again"),
        "member-status",
        (
            "statuses_crosswise status_without_partner campaign_misspelt campaign_not_mapped "
            "campaign_of_another_name status_does_not_count campaign_of_another_master "
            "campaign_of_last_year member_status_renamed defect_skips_member_status"
        ),
    ),
    (
        "add a lead to the campaign that is a member in both systems, sync, check_member `status: NAME`",
        "first-lead",
        "defect_row_3_removed defect_row_3_swapped",
    ),
    (
        "submit the form as somebody new, check_report `report: lead_source`",
        "reports",
        "form_without_source form_of_another_source",
    ),
    (
        (
            "edit the field in the CRM, sync, check_field in marketing; edit it in marketing, sync, "
            "check_field in the CRM"
        ),
        "every-field-both-ways",
        "master_swapped overwrite_allowed overwrite_forbidden master_latest",
    ),
    (
        ("edit a field in the CRM, sync, check_field in marketing; edit it in marketing, sync, check_field on both"),
        "false-phone",
        (
            "default_master_swapped default_overwrite_changed defect_row_5_removed defect_row_5_swapped "
            "defect_row_9_removed defect_row_9_swapped defect_overwrite_ignored_always"
        ),
    ),
    (
        "edit a field on both sides before one sync, check_field on both",
        "master-crm",
        "defect_both_sides_lost",
    ),
    (
        "let the latest edit be the master, edit on both sides at different times, sync, check_fields",
        "master-latest",
        "defect_wrong_modified_stamp",
    ),
    (
        "enter a person in both systems with other values, some blank, sync, check_field on both sides",
        "existing-records",
        "defect_row_4_removed defect_row_4_swapped",
    ),
    (
        "agree on a difference (`overwrite: never`), sync again, check_field on both sides",
        "settled-difference",
        "defect_row_2_removed defect_row_2_swapped",
    ),
    (
        "clear the field on one side, sync, check_field on the other",
        "every-field-both-ways",
        "clears_one_field default_clears_changed",
    ),
    (
        "clear a field under `clears: propagate`, sync, check_field on the other side",
        "clears-propagate",
        "defect_row_6_removed defect_clears_ignored_keep",
    ),
    (
        "clear a field under `clears: propagate` and `overwrite: never`, sync, check_field on both sides",
        "clears-propagate-never",
        "defect_row_6_swapped defect_overwrite_ignored_if_blank",
    ),
    (
        "clear a field under `clears: keep`, sync, check_field on the other side",
        "clears-keep-never",
        "defect_clears_ignored_propagate",
    ),
    (
        "fill in marketing what is blank in the CRM, sync, check_field on both sides",
        "converted-lead",
        "defect_row_7_removed defect_row_7_swapped defect_overwrite_ignored_never",
    ),
    (
        "edit in marketing a field with `overwrite: always`, sync, check_field in the CRM",
        "overwrite-always",
        "defect_row_8_removed defect_row_8_swapped",
    ),
    (
        "edit a field on the side that it does not flow from, sync, check_field or check_oracle",
        "direction",
        "defect_direction_ignored",
    ),
    (
        "submit two answers to the field, sync, check_answers",
        "several-answers",
        "answers_replaced answers_into_one_line answers_field_too_short defect_last_answer_only",
    ),
    (
        "let a second lead source come for a synced lead, sync, check_field on it",
        "lead-source",
        "source_overwritten",
    ),
    (
        "opt a synced lead out in marketing, sync, check_field in the CRM",
        "consent",
        "opt_out_not_sticky",
    ),
    (
        "give the picklist each of its values, convert the leads, sync, check_field on the contacts",
        "every-grade",
        "choice_renamed_on_contact",
    ),
    (
        "give the field a time of day that is not midnight, sync, check_fields on the other side",
        "every-moment-both-ways",
        "day_without_time",
    ),
    (
        "create a lead that the rule is about in marketing, sync, check_delivered",
        "qualified-only",
        "validation_rule_for_some",
    ),
    (
        "opt synced leads out on each side, take it back on each side, sync, check_field on the other",
        "consent",
        "opt_out_one_way opt_out_of_another_master",
    ),
    (
        "create a lead with a lead source in the CRM, sync, check_field in marketing",
        "lead-source",
        "source_one_way",
    ),
    (
        "edit a contact's field in the CRM, then in marketing, sync after each, check_field on both sides",
        "every-field-of-a-contact",
        "master_of_contacts",
    ),
    (
        "win one deal and lose another in the CRM, sync, check_report `report: closed_loop` in marketing",
        "deals",
        "deal_closed_is_won deal_amount_not_mapped",
    ),
    (
        "create a lead in the CRM, sync, check_oracle, which counts the reports again",
        "contact-from-crm",
        "sales_counted_as_marketing",
    ),
    (
        "create colleagues behind one telephone number in both systems, sync, check_delivered for each",
        "colleagues",
        "duplicate_rule_on_switchboard match_by_email_or_phone",
    ),
)
