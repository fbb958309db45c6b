/* The short words of the stories and the words of the contracts, and how people are told of them. Pure. */
#ifndef PLAY_NAMES_H
#define PLAY_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "disputes/case/v1/event.pb-c.h"

#define PLAY_NAME_BYTES 64

/* Letter of a role: C M A R P X F S O; '?' when there is none. */
char play_role_letter(Disputes__Common__V1__Role role);
/* false: not one of the letters. */
bool play_role_of(const char *letter, Disputes__Common__V1__Role *ret_role);
/* "consumer 消费者". Static. */
const char *play_role_people(Disputes__Common__V1__Role role);
/* GW CON SLA INV ARB FND NTF of a topic, DKT for none; "?" for another. Static. */
const char *play_source_of(const char *topic);
bool play_source_known(const char *source);

/* "K_m_first" of a kind and back. `text` has PLAY_NAME_BYTES. */
void play_clock_name(Disputes__Common__V1__ClockKind kind, char *text);
bool play_clock_of(const char *name, Disputes__Common__V1__ClockKind *ret_kind);
/* "首次回复". Static. */
const char *play_clock_zh(Disputes__Common__V1__ClockKind kind);

/* "ARCHIVED"; "(new)" before filing. Static. */
const char *play_stage_name(Disputes__Common__V1__Stage stage);
/* Accepts "(new)". */
bool play_stage_of(const char *name, size_t size, Disputes__Common__V1__Stage *ret_stage);
const char *play_stage_zh(Disputes__Common__V1__Stage stage);
/* "DEFAULT", "" when not set. Static. */
const char *play_basis_name(Disputes__Common__V1__Basis basis);
const char *play_basis_zh(Disputes__Common__V1__Basis basis);
const char *play_outcome_name(Disputes__Common__V1__Outcome outcome);
const char *play_outcome_zh(Disputes__Common__V1__Outcome outcome);

/* What the docket's own follow-up answers to in the stories: "TriageStarted", "Admit" … Static. */
const char *play_follow_up_name(Disputes__Case__V1__FollowUp follow_up);
/* "Handed over by subscription message" and the like: a rung of the delivery ladder for people. Static. */
const char *play_rung_people(const char *rung);
/* Chinese word beside an account, a step, a duty's state; "" when there is none. Static. */
const char *play_word_zh(const char *word);

#endif
