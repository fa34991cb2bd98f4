package io.fundamentallm.samplers.constraint;

import io.fundamentallm.model.ConstraintException;
import io.fundamentallm.samplers.constraint.grammar.Grammar;
import io.fundamentallm.samplers.constraint.grammar.TextGrammar;
import io.fundamentallm.samplers.constraint.grammar.Utf8;
import io.fundamentallm.samplers.constraint.regex.CodePointAlphabet;
import io.fundamentallm.samplers.constraint.regex.RegexParser;
import io.fundamentallm.spi.Options;

/**
 * {@code regex="[a-z]+@[a-z]+\\.com"}: the text matches the pattern as a whole. (Inside a spec's
 * quotes each backslash is written twice; {@code @file} takes the pattern literally.)
 *
 * <p>The dialect is the part of {@code java.util.regex} that describes regular languages: literal
 * characters; {@code .} (all but line terminators); classes with ranges and {@code ^}; {@code \d \w
 * \s} (ASCII) and {@code \D \W \S}; {@code \p{…}} and {@code \P{…}} with the names that {@code
 * java.util.regex} knows; {@code \t \n \r \f \xHH \x{H…} \}{@code uHHHH}; groups, also {@code
 * (?:…)} and {@code (?<name>…)}; {@code |}; the quantifiers {@code * + ? {m} {m,} {m,n}}, of which
 * the lazy ones match the same texts. {@code ^} and {@code $} are allowed at the ends and change
 * nothing. Lookahead, lookbehind, backreferences, word boundaries, atomic groups, possessive
 * quantifiers, inline flags and intersections of classes are refused by name. Case counts.
 *
 * <h2>What holds for all constraints</h2>
 *
 * <p>The text is what the generated tokens decode to, the first of them as at the beginning of a
 * text; special tokens and tokens without text never belong to it. The model's end tokens are
 * allowed exactly where the text may end; where nothing else can follow, the lowest of them is
 * taken without running the model. With a model without end tokens, the token after a text that
 * cannot continue is a {@link ConstraintException}: let a stop condition or {@code maxNewTokens}
 * end it.
 *
 * <p>Where only one continuation is left, its tokens are taken without running the model: those
 * that the tokenizer splits it into, except the last unless the text ends there, since the last may
 * be part of a longer token.
 *
 * <p>Masks are computed by reading the tree of all tokens with the automaton, lazily determinised,
 * and remembered by state (Willard, Louf: "Efficient guided generation for large language models",
 * 2023; Dong et al.: "XGrammar", 2024). Only the bytes of a tokenizer's tokens inside a text count:
 * changes by clean-up options of decoding are not seen.
 *
 * <p>A text that can be read in several ways is read in all of them at once, on shared stacks
 * (Tomita: "Efficient Parsing for Natural Language", 1986; Scott, Johnstone: "GLL Parsing", 2010).
 * So depth costs no more than length: for unambiguous grammars, even those where readings differ
 * only at the end, time and memory grow with the text; for any grammar the time grows at most with
 * its cube, and the memory with its square. Counts like {@code {2,500}} are values, not states:
 * where it is ambiguous how often something was repeated, each number costs as much as another
 * reading, and counts within counts multiply. A mask reads the beginnings of all tokens this way:
 * it costs that for each byte of a token that leads to another state.
 *
 * <p>Half of a surrogate pair is not a character. A pattern, choice, grammar or schema that has
 * one, literal or escaped, is refused with its place.
 *
 * <p>Patterns are bounded: one that would take too much memory or time causes an {@link
 * IllegalArgumentException} while the spec is parsed, or a {@link ConstraintException} while the
 * text is generated, that names the limit. Only that generation fails: others with the same stage
 * continue. If the thread is interrupted, parsing, the first binding to a tokenizer and computing a
 * new mask throw a {@link java.util.concurrent.CancellationException}.
 */
public final class RegexConstraint extends TextConstraint {
  /** Used by {@link java.util.ServiceLoader}, or to add this stage to a registry by hand. */
  public RegexConstraint() {}

  @Override
  public String name() {
    return "regex";
  }

  @Override
  TextGrammar grammar(Options options) {
    String pattern = options.text("value");
    return Refusals.named(
        options,
        () ->
            TextGrammar.of(
                Grammar.of(RegexParser.matching(pattern, new CodePointAlphabet(Utf8::of)))));
  }
}
