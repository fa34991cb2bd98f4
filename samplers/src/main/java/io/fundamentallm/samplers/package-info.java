/**
 * One class for each stage: its name, its options, its rule and the source of the rule. The stages
 * run on the candidates that earlier stages left, ties go to the lowest token id, and nothing is
 * allocated after the first token.
 *
 * <p>Options that take tokens share one notation:
 *
 * <pre>
 * list     = item *( ";" item )
 * item     = tokens [ ":" number ]              the number where the option takes one
 * tokens   = id *( "+" id ) | "'" text "'"      a quote within the text is written twice
 * </pre>
 *
 * So {@code 1;4;1+0} is two tokens and a sequence of two, and in a spec {@code
 * bad-words="'damn';'it''s'"} lists two texts. A text stands for the tokens that the tokenizer of
 * the binding encodes it to, as plain text and without a begin token: a special token is named by
 * its id alone; " damn" and "damn" are different tokens in most vocabularies.
 */
@org.jspecify.annotations.NullMarked
package io.fundamentallm.samplers;
