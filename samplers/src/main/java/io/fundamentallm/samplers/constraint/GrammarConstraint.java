package io.fundamentallm.samplers.constraint;

import io.fundamentallm.samplers.constraint.grammar.GbnfParser;
import io.fundamentallm.samplers.constraint.grammar.TextGrammar;
import io.fundamentallm.spi.Options;

/**
 * {@code grammar=@chess.gbnf}: the text belongs to a context-free grammar in GBNF, the notation of
 * llama.cpp (its {@code grammars/README.md}).
 *
 * <pre>{@code
 * # a comment
 * root  ::= move (" " move)*
 * move  ::= [a-h] [1-8] | "O-O" "-O"?
 * }</pre>
 *
 * <p>The text is what the rule {@code root} describes. Names are letters, digits, {@code -} and
 * {@code _}. There are literals in double quotes, classes of characters with ranges and {@code ^},
 * {@code .} for any character, other rules, groups, {@code |}, and the repetitions {@code * + ? {m}
 * {m,} {m,n}}. Escapes: {@code \n \r \t \\ \" \[ \] \xHH \}{@code uHHHH \UHHHHHHHH}, of which two
 * {@code \}{@code uHHHH} may be a surrogate pair. A rule ends with its line, unless a parenthesis
 * is open or the next line begins with {@code |}. Tokens in angle brackets are refused. An
 * undefined rule, and a grammar in which no text can be finished, are refused by name when the spec
 * is parsed.
 *
 * <p>Any context-free grammar works. Rules may be ambiguous, begin alike or begin with themselves
 * (left recursion, which llama.cpp refuses), and nest as deep as the text is long.
 *
 * <p>{@link RegexConstraint} has the rules for all constraints.
 */
public final class GrammarConstraint extends TextConstraint {
  /** Used by {@link java.util.ServiceLoader}, or to add this stage to a registry by hand. */
  public GrammarConstraint() {}

  @Override
  public String name() {
    return "grammar";
  }

  @Override
  TextGrammar grammar(Options options) {
    String text = options.text("value");
    return Refusals.named(options, () -> TextGrammar.of(GbnfParser.parse(text)));
  }
}
