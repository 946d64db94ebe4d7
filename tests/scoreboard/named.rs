//! Tests that the matrix names: their binary, and their path in it.

pub(crate) const KILL: &str = "system::kill::f1_kill_9_at_any_step_loses_nothing";
pub(crate) const CRASH: &str =
    "store_crash::a_killed_process_loses_nothing_that_was_answered_and_leaves_nothing_half_done";
pub(crate) const ENDED: &str = "system::unfinished::f1_f13_a_deletion_that_ends_at_any_step_is_noted_before_quit_and_settled_by_the_next_listing";
pub(crate) const SIGNAL_AT_QUIT: &str = "hostile::cells::f13_a_signal_while_quit_is_unanswered_leaves_the_deletion_unconfirmed_and_the_next_listing_decides";
pub(crate) const POWER: &str =
    "system::power::f2_i1_whatever_the_disk_had_when_the_power_went_nothing_is_lost";
pub(crate) const REINDEX: &str = "system::damage::f18_without_its_index_mail_is_read_fetched_and_deleted_and_the_index_is_made_again";
pub(crate) const FIRST_PAGE: &str =
    "poppet::store::tests::files::f2_a_store_whose_first_page_never_reached_the_disk_is_made_again";
pub(crate) const READ_ONLY: &str =
    "system::view::f4_i1_on_a_store_that_cannot_be_written_mail_is_read_and_no_server_is_asked";
pub(crate) const READER: &str =
    "system::view::f4_the_reader_shows_what_is_here_and_says_that_the_store_can_only_be_read";
pub(crate) const NOT_FETCHED: &str =
    "system::view::f4_what_was_not_downloaded_is_not_fetched_into_a_store_that_cannot_be_written";
pub(crate) const WRITES: &str =
    "system::errors::f3_f5_a_write_that_fails_loses_nothing_whichever_it_is";
pub(crate) const UNWRITTEN: &str =
    "system::unfinished::f3_f5_what_cannot_be_written_down_is_not_done_on_the_server";
pub(crate) const WISH: &str =
    "system::unfinished::f3_f5_a_wish_that_cannot_be_written_down_deletes_nothing";
pub(crate) const CLEAN: &str = "poppet::backend::wire::clean::tests::i7_a_session_that_was_given_a_message_is_clean_only_once_it_is_stored";
pub(crate) const BATCH: &str =
    "poppet::store::tests::files::a_batch_that_fails_leaves_no_trace_and_harms_no_other";
pub(crate) const OPENS: &str =
    "system::errors::f4_f5_a_file_that_cannot_be_opened_loses_nothing_whichever_it_is";
pub(crate) const SYNCS: &str = "system::errors::f5_an_fsync_that_fails_is_no_proof_of_anything";
pub(crate) const NAMES: &str =
    "system::errors::f5_what_is_truncated_renamed_unlinked_or_made_may_fail_as_well";
pub(crate) const CLOSES: &str =
    "system::errors::f5_f18_what_cannot_be_closed_mapped_or_read_loses_nothing";
pub(crate) const CUTS: &str =
    "hostile::cuts::f6_the_servers_stream_cut_at_every_octet_loses_nothing_and_shows_nothing_twice";
pub(crate) const CLOSED: &str =
    "hostile::commands::f6_a_connection_that_is_closed_at_any_command_loses_nothing";
pub(crate) const PARTIAL: &str =
    "engine::identity::i6_a_message_that_was_cut_is_not_here_and_is_no_reason_to_delete_it";
pub(crate) const QUITS: &str =
    "hostile::quit::f11_f12_whatever_becomes_of_quit_the_next_listing_says_whether_it_deleted";
pub(crate) const CLIENT_CUTS: &str =
    "hostile::cuts::f7_the_clients_stream_cut_at_every_octet_deletes_nothing_else";
pub(crate) const DELE_CUT: &str =
    "hostile::cells::f7_a_dele_that_is_cut_within_its_number_deletes_neither_message";
pub(crate) const ERRORS: &str =
    "hostile::commands::f8_a_refusal_of_any_command_with_any_code_loses_nothing";
pub(crate) const NO_TOP: &str =
    "hostile::quirks::q2_where_top_is_missing_or_refused_messages_come_all_the_same";
pub(crate) const TOP_REFUSED: &str =
    "engine::speaking::a_top_that_is_refused_once_costs_one_whole_message_and_not_all";
pub(crate) const MARKED: &str =
    "engine::identity::i5_what_is_listed_and_cannot_be_had_is_shown_with_the_reason";
pub(crate) const NOT_GIVEN: &str =
    "engine::fetching::a_message_the_server_will_not_give_does_not_stop_the_others";
pub(crate) const DELE_REFUSED: &str =
    "engine::deleting::a_refused_dele_is_told_and_the_others_are_deleted";
pub(crate) const RUBBISH: &str =
    "hostile::commands::f9_rubbish_in_the_place_of_any_answer_or_beside_it_loses_nothing";
pub(crate) const SILENCE: &str =
    "hostile::commands::f9_silence_at_any_command_ends_in_time_and_loses_nothing";
pub(crate) const NO_STUFFING: &str =
    "hostile::quirks::q4_a_top_that_stuffs_nothing_ends_the_session_without_quit_and_loses_nothing";
pub(crate) const OK_TWICE: &str = "hostile::step::f9_a_server_that_says_ok_twice_before_messages_is_told_of_and_nothing_of_it_is_stored";
pub(crate) const DELE_TWICE: &str =
    "engine::ahead::i3_a_dele_that_is_answered_twice_leaves_no_answer_for_quit";
pub(crate) const TOO_MANY: &str =
    "engine::ahead::i3_an_answer_too_many_one_command_at_a_time_keeps_quit_from_being_sent";
pub(crate) const NOT_FOR_QUIT: &str =
    "engine::ahead::i8_an_answer_too_many_is_not_taken_for_that_to_quit";
pub(crate) const UNASKED: &str =
    "hostile::commands::f10_an_error_that_nobody_asked_for_loses_nothing";
pub(crate) const SHUTDOWN: &str =
    "hostile::quirks::q19_a_server_that_shuts_down_between_two_answers_is_left_without_quit";
pub(crate) const HEARD_BEFORE_QUIT: &str =
    "poppet::backend::wire::tests::v14_what_nobody_asked_for_is_heard_before_quit";
pub(crate) const FETCH_QUIT: &str =
    "hostile::cells::f11_f12_behind_a_fetch_it_does_not_matter_what_becomes_of_quit";
pub(crate) const BREAKS_AT_QUIT: &str = "engine::deleting::p30_a_connection_that_breaks_at_quit_before_the_server_saw_it_is_unconfirmed";
pub(crate) const ENDINGS: &str =
    "system::signals::f13_told_to_end_hung_up_on_or_interrupted_at_any_step_nothing_is_lost";
pub(crate) const PAUSES: &str =
    "system::signals::f13_suspended_and_resumed_at_any_step_it_goes_on_to_its_end";
pub(crate) const SIGNALS: &str = "hostile::rows::f13_a_command_that_is_ended_by_a_signal_anywhere_deletes_nothing_and_loses_nothing";
pub(crate) const SUSPENDED: &str = "hostile::rows::f13_a_command_that_was_suspended_until_its_server_had_gone_deletes_nothing_and_goes_on";
pub(crate) const TAKEN_PEEK: &str = "hostile::cells::f14_a_message_that_another_program_took_is_said_to_be_gone_when_it_is_looked_at";
pub(crate) const TAKEN_FETCH: &str = "hostile::rows::f14_what_another_program_deletes_during_a_fetch_is_gone_there_and_nothing_else_is";
pub(crate) const TAKEN_DELETE: &str =
    "hostile::rows::f14_what_another_program_deletes_during_a_deletion_makes_no_other_message_go";
pub(crate) const TWO_CLIENTS: &str =
    "hostile::rows::f14_two_clients_on_one_maildrop_never_cost_a_message";
pub(crate) const UNLISTED: &str =
    "engine::identity::i9_the_copy_here_stays_when_the_server_stops_listing_it";
pub(crate) const HISTORIES: &str =
    "histories::run::random_histories_of_several_clients_lose_nothing_and_delete_nothing_wrong";
pub(crate) const SECOND: &str =
    "engine::cells::f15_beside_an_engine_that_deletes_another_one_reads_and_sends_nothing";
pub(crate) const BESIDE: &str = "system::twice::f15_beside_a_program_that_stands_still_the_store_can_be_read_and_nothing_is_lost";
pub(crate) const TOGETHER: &str =
    "system::twice::f15_two_programs_at_once_lose_nothing_and_fetch_nothing_twice";
pub(crate) const OPENERS: &str = "poppet::store::tests::files::two_openers_at_once_share_one_store";
pub(crate) const LOCK: &str =
    "poppet::backend::lock::tests::f15_a_second_taker_is_told_who_has_the_lock_until_it_is_dropped";
pub(crate) const IN_USE: &str =
    "hostile::quirks_login::q24_q26_a_mailbox_in_use_or_a_login_too_many_is_nobodys_password";
pub(crate) const WAITS: &str = "engine::waiting::p45_p49_p50_what_the_server_wants_and_what_went_wrong_decide_when_it_is_tried_again";
pub(crate) const LOCKED: &str =
    "hostile::rows::f16_a_lock_is_waited_for_and_asks_for_no_password_and_deletions_wait_with_it";
pub(crate) const CLOCK: &str =
    "system::clock::f17_a_clock_that_jumps_at_any_step_changes_nothing_but_dates";
pub(crate) const ORDER: &str =
    "system::unfinished::f17_the_list_has_the_same_order_whatever_the_clock_says";
pub(crate) const AGES: &str = "system::clock::f17_i11_no_age_is_reached_by_a_jump_of_the_clock";
pub(crate) const CLOCK_ALONE: &str =
    "engine::identity::i11_no_rule_deletes_because_of_the_clock_alone";
pub(crate) const TOLD: &str =
    "system::damage::f18_a_damaged_message_is_told_fetched_again_and_never_deleted_before";
pub(crate) const OPENED: &str =
    "engine::damage::f18_opening_a_damaged_message_fetches_it_again_and_the_list_knows_meanwhile";
pub(crate) const ON_NO_SERVER: &str =
    "engine::damage::f18_a_damaged_message_that_no_server_has_is_shown_with_a_note";
pub(crate) const SYNCED: &str =
    "engine::damage::f18_a_damaged_message_is_not_taken_for_a_copy_and_comes_back_with_a_sync";
pub(crate) const FLIPPED: &str =
    "system::damage::f18_i1_whatever_bit_has_flipped_nothing_is_deleted_that_is_not_whole_here";
pub(crate) const TRUNCATED: &str =
    "system::damage::f18_i1_wherever_the_store_ends_nothing_is_deleted_that_is_not_whole_here";
pub(crate) const LOG_ALONE: &str = "system::damage::f18_a_log_without_its_store_is_left_alone";
pub(crate) const NO_LOG: &str =
    "system::damage::f18_without_its_log_the_store_is_older_and_the_rest_is_fetched_again";
pub(crate) const NO_COPY: &str =
    "poppet::backend::apply::tests::f18_a_damaged_copy_is_no_copy_whatever_was_agreed";
pub(crate) const DAMAGED_KEEPS: &str =
    "engine::deleting::a_damaged_copy_here_keeps_the_one_on_the_server";
pub(crate) const REUSED: &str =
    "engine::identity::f19_another_message_under_a_used_uidl_is_new_and_the_old_one_stays";
pub(crate) const REUSED_STORE: &str = "poppet::store::tests::identity::i3_f19_a_reused_id_does_not_take_a_wish_over_to_another_message";
pub(crate) const REUSED_SIZE: &str = "engine::identity::f19_a_message_with_the_header_of_one_that_left_is_fetched_when_its_size_is_another";
pub(crate) const REUSED_DELETE: &str =
    "engine::deleting::f19_another_message_under_the_same_uidl_and_header_is_never_deleted";
pub(crate) const REUSED_PLACE: &str = "engine::identity::f19_a_message_with_header_and_size_of_one_that_left_is_not_deleted_in_its_place";
pub(crate) const SHARED_PEEK: &str =
    "engine::cells::f20_of_messages_under_one_uidl_each_header_block_is_asked_for";
pub(crate) const SHARED_ALL: &str = "engine::fetching::f20_messages_that_share_a_uidl_all_arrive";
pub(crate) const SHARED_LATER: &str =
    "engine::lessons::f20_a_message_that_comes_later_under_a_known_uidl_and_header_is_fetched_too";
pub(crate) const SHARED_STORE: &str = "poppet::store::tests::identity::f20_a_second_copy_with_other_octets_is_another_message_while_the_first_is_there";
pub(crate) const SHARED_ONE: &str =
    "engine::lessons::f20_of_messages_under_one_uidl_exactly_the_wanted_one_is_deleted";
pub(crate) const SHARED_NOT_HERE: &str =
    "engine::lessons::f20_nothing_is_deleted_while_a_message_under_the_same_uidl_is_not_here";
pub(crate) const RENAMED: &str =
    "engine::fetching::f21_q8_new_uidls_for_old_messages_show_nothing_as_new";
pub(crate) const RENAMED_Q8: &str = "hostile::quirks_listing::q8_after_a_server_renamed_everything_nothing_is_new_and_nothing_is_fetched_again";
pub(crate) const RENAMED_STAGED: &str = "engine::cells::f21_a_deletion_that_was_staged_before_everything_was_renamed_waits_for_the_comparison";
pub(crate) const RENAMED_STORE: &str =
    "poppet::store::tests::identity::f21_after_renumbering_nothing_is_new_and_the_body_is_kept";
pub(crate) const RENAMED_DELETE: &str =
    "engine::identity::f21_a_remapped_message_is_deleted_once_its_octets_were_compared";
pub(crate) const RESTORED: &str = "engine::identity::f22_a_restored_backup_shows_nothing_as_new_fetches_nothing_and_deletes_nothing_unasked";
pub(crate) const REPLACED: &str = "engine::identity::f23_another_mailbox_behind_the_same_name_puts_the_brake_on_and_is_stored_apart";
pub(crate) const EMPTY: &str = "engine::identity::f24_i12_a_mailbox_that_is_empty_for_a_while_is_neither_forgotten_nor_fetched_again";
pub(crate) const EXPIRING_PEEK: &str =
    "hostile::quirks::q2_without_top_headers_alone_retrieve_nothing_where_that_deletes";
pub(crate) const EXPIRING_COMPARED: &str =
    "engine::keeping::f25_what_is_retrieved_only_to_be_compared_is_stored_before_quit";
pub(crate) const EXPIRING: &str = "hostile::rows::f25_where_retrieving_deletes_every_message_is_here_before_quit_whatever_cuts_the_session";
pub(crate) const EXPIRING_ALL: &str =
    "engine::fetching::f25_a_server_that_deletes_what_it_gave_has_given_only_what_is_stored";
pub(crate) const EXPIRING_LOOK: &str =
    "engine::deleting::f25_where_looking_means_deleting_nothing_is_ended_with_quit";
pub(crate) const EXPIRING_GONE: &str =
    "hostile::cells::f25_what_a_server_drops_by_itself_stays_here_and_mail_goes_on_coming";
pub(crate) const HIDING: &str =
    "hostile::quirks::q12_q13_what_a_server_hides_or_deletes_once_it_was_retrieved_stays_here";
pub(crate) const TORN: &str =
    "hostile::cuts::f26_tls_cut_at_every_octet_in_order_torn_or_reset_is_never_taken_for_an_end";
pub(crate) const FAREWELL: &str =
    "protocol::tls::p70_tls_is_ended_with_a_farewell_and_its_lack_ends_no_message";
pub(crate) const LIED: &str = "hostile::rows::f27_a_server_that_says_it_deleted_and_did_not_is_asked_three_times_more_and_then_that_is_told";
pub(crate) const LIED_UNASKED: &str = "hostile::rows::f27_deletions_at_each_check_are_tried_once_in_each_and_no_more_than_three_times_again";
pub(crate) const LIED_TO_A_RULE: &str =
    "hostile::rows::f27_what_a_rule_deleted_and_the_server_did_not_is_told_once_and_left_alone";
pub(crate) const LIED_TAKEN_BACK: &str =
    "hostile::rows::f27_what_is_taken_back_before_the_server_is_found_out_stays_there";
pub(crate) const REPLAYED: &str =
    "hostile::rows::f27_an_old_listing_shows_what_was_deleted_as_pending_and_deletes_nothing_else";
