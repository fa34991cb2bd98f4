package io.fundamentallm.samplers.constraint.chat;

import com.google.common.cache.CacheBuilder;
import io.fundamentallm.decoding.Binding;
import io.fundamentallm.decoding.TokenConstraint;
import io.fundamentallm.internal.chat.ChatSyntax;
import io.fundamentallm.internal.chat.Marker;
import io.fundamentallm.samplers.constraint.automaton.AutomatonConstraint;
import io.fundamentallm.samplers.constraint.automaton.CompiledConstraint;
import io.fundamentallm.samplers.constraint.automaton.TextNames;
import io.fundamentallm.samplers.constraint.chat.AnswerSpec.Thinking;
import io.fundamentallm.samplers.constraint.grammar.TextGrammar;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.text.Vocabulary;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The constraint of an answer, compiled once for each vocabulary: which of the notation's markers
 * are special tokens depends on it. Thread-safe.
 */
public final class AnswerConstraints {
  private final String name;
  private final AnswerSpec spec;
  private final Map<Tokenizer, CompiledConstraint> compiled =
      CacheBuilder.newBuilder().weakKeys().<Tokenizer, CompiledConstraint>build().asMap();
  private final Map<List<String>, AnswerGrammar.Compiled> grammars = new ConcurrentHashMap<>();

  private AnswerConstraints(String name, AnswerSpec spec) {
    this.name = name;
    this.spec = spec;
  }

  /**
   * Reads and checks the specification.
   *
   * @param name the stage's, for errors
   * @param texts the grammar of a constraint of the text, by its name and options
   * @throws IllegalArgumentException for what cannot be followed
   */
  public static AnswerConstraints of(
      String name, String json, BiFunction<String, Map<String, String>, TextGrammar> texts) {
    AnswerConstraints constraints = new AnswerConstraints(name, AnswerSpec.read(json, texts));
    constraints.grammar(List.of()); // says what is wrong with a schema
    return constraints;
  }

  /** The constraint of one generation. */
  public TokenConstraint bind(Binding binding) {
    Tokenizer tokenizer = binding.requireTokenizer(name);
    AutomatonConstraint grammar = compiled.computeIfAbsent(tokenizer, this::compile).bind(binding);
    return spec.budget() < 0
        ? grammar
        : ThinkingBudget.of(spec, tokenizer, binding.model().vocabularySize(), grammar);
  }

  private AnswerGrammar.Compiled grammar(List<String> special) {
    return grammars.computeIfAbsent(
        special, forms -> AnswerGrammar.compile(spec, MarkerBytes.of(forms)));
  }

  private CompiledConstraint compile(Tokenizer tokenizer) {
    Vocabulary vocabulary = tokenizer.vocabulary();
    List<String> special = special(vocabulary);
    AnswerGrammar.Compiled made = grammar(special);
    MarkerBytes markers = MarkerBytes.of(special);
    Map<Integer, Integer> bytes =
        markers.special().entrySet().stream()
            .collect(
                Collectors.toMap(
                    entry -> vocabulary.id(entry.getKey()).getAsInt(), Map.Entry::getValue));
    return CompiledConstraint.marked(
        name, made.grammar(), made.freeNames() ? names(markers) : null, bytes, made.thinking());
  }

  private TextNames names(MarkerBytes markers) {
    ChatSyntax syntax = spec.syntax();
    AnswerNames answer =
        syntax.call().values() == ChatSyntax.Values.TAGGED
            ? TaggedNames.of(spec, markers)
            : calls(markers);
    boolean begun = spec.thinking() == Thinking.BEGUN;
    return begun || spec.mayThink()
        ? ThinkingNames.of(
            spec.mayThink() ? markers.bytes(syntax.thinkingOpen()) : null,
            markers.bytes(syntax.thinkingClose()),
            begun,
            answer)
        : answer;
  }

  private CallNames calls(MarkerBytes markers) {
    ChatSyntax syntax = spec.syntax();
    List<String> before =
        syntax.call().isObject()
            ? syntax.open()
            : List.of(
                syntax.call().before().isEmpty()
                    ? syntax.call().between()
                    : syntax.call().before());
    return CallNames.of(
        Stream.concat(before.stream(), syntax.header().between().stream())
            .map(marker -> marker.substring(marker.lastIndexOf(' ') + 1))
            .map(markers::bytes)
            .toList(),
        spec.isJson(),
        syntax.onlyFirst());
  }

  /** The special tokens in the notation's markers. */
  private List<String> special(Vocabulary vocabulary) {
    ChatSyntax syntax = spec.syntax();
    Set<String> forms = new LinkedHashSet<>();
    Stream.of(
            List.of(
                syntax.thinkingOpen(),
                syntax.thinkingClose(),
                syntax.call().before(),
                syntax.call().between(),
                syntax.call().after(),
                syntax.call().quote(),
                syntax.call().tags().name(),
                syntax.call().tags().text(),
                syntax.call().tags().json(),
                syntax.call().tags().value(),
                syntax.call().tags().end(),
                syntax.close()),
            syntax.silent(),
            syntax.open())
        .flatMap(List::stream)
        .forEach(text -> forms.addAll(special(text, vocabulary)));
    return List.copyOf(forms);
  }

  private static List<String> special(String text, Vocabulary vocabulary) {
    Marker marker =
        Marker.of(
            text,
            form -> {
              OptionalInt id = vocabulary.id(form);
              return id.isPresent() && vocabulary.special().contains(id.getAsInt());
            });
    List<String> forms = new ArrayList<>();
    for (int i = 0; i < text.length(); i++) {
      if (marker.kinds().charAt(i) == Marker.SPECIAL_BEGIN) {
        int end = i + 1;
        while (end < text.length() && marker.kinds().charAt(end) == Marker.SPECIAL) {
          end++;
        }
        forms.add(text.substring(i, end));
      }
    }
    return forms;
  }
}
