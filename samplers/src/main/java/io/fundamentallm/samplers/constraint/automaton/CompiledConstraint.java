package io.fundamentallm.samplers.constraint.automaton;

import com.google.common.cache.CacheBuilder;
import io.fundamentallm.decoding.Binding;
import io.fundamentallm.samplers.constraint.grammar.Grammar;
import io.fundamentallm.samplers.constraint.grammar.TextGrammar;
import io.fundamentallm.spi.SamplerStage;
import io.fundamentallm.text.Tokenizer;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A compiled stage: its automatons are made once for each vocabulary that it is bound to, and live
 * as long as the tokenizer. Thread-safe.
 */
public final class CompiledConstraint {
  private record Model(int vocabularySize, Set<Integer> endTokens) {}

  private final String name;
  private final Program program;
  private final @Nullable TextNames names;
  private final Map<Integer, Integer> markers;
  private final Map<Tokenizer, Map<Model, TokenAutomaton>> automatons =
      CacheBuilder.newBuilder().weakKeys().<Tokenizer, Map<Model, TokenAutomaton>>build().asMap();

  private CompiledConstraint(
      String name, Program program, @Nullable TextNames names, Map<Integer, Integer> markers) {
    this.name = name;
    this.program = program;
    this.names = names;
    this.markers = markers;
  }

  /**
   * The stage that keeps the text in a grammar's language.
   *
   * @param name the stage's name
   * @throws IllegalArgumentException if the grammar is refused
   */
  public static SamplerStage stage(String name, TextGrammar text) {
    CompiledConstraint compiled =
        new CompiledConstraint(
            name,
            Program.compile(text.grammar()),
            text.freeNames() ? JsonNames.BEGIN : null,
            Map.of());
    return SamplerStage.constraint(compiled::bind);
  }

  /**
   * A text in which bytes that UTF-8 does not have stand for special tokens.
   *
   * @param names those before the text; null if no object can have a name twice
   * @param markers the byte of each of these tokens
   * @param rules those in which {@link AutomatonConstraint#isInMarked} holds
   */
  public static CompiledConstraint marked(
      String name,
      Grammar grammar,
      @Nullable TextNames names,
      Map<Integer, Integer> markers,
      Set<String> rules) {
    return new CompiledConstraint(name, Program.compile(grammar, rules), names, markers);
  }

  /** The constraint of one generation. */
  public AutomatonConstraint bind(Binding binding) {
    Tokenizer tokenizer = binding.requireTokenizer(name);
    Model model = new Model(binding.model().vocabularySize(), binding.model().endTokens());
    TokenAutomaton automaton =
        automatons
            .computeIfAbsent(tokenizer, key -> new ConcurrentHashMap<>())
            .computeIfAbsent(
                model,
                key ->
                    new TokenAutomaton(
                        name,
                        program,
                        TokenTrie.of(tokenizer, markers),
                        key.vocabularySize(),
                        key.endTokens().stream().mapToInt(Integer::intValue).sorted().toArray()));
    return new AutomatonConstraint(
        automaton, program, tokenizer, !binding.continuesPrompt(), names);
  }
}
