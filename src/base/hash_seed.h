/*
 * hash_seed.h
 *		What hash tables start from: random in each process, so that nobody can choose keys
 *		that all collide.  A table that travels between processes carries its own.
 */
#ifndef CSM_HASH_SEED_H
#define CSM_HASH_SEED_H

extern uint64 csm_hash_seed;

#endif /* CSM_HASH_SEED_H */
