package io.fundamentallm.samplers.constraint;

import com.google.common.cache.Cache;
import com.google.common.cache.CacheBuilder;
import io.fundamentallm.samplers.constraint.chat.AnswerConstraints;
import io.fundamentallm.samplers.constraint.grammar.TextGrammar;
import io.fundamentallm.spi.Options;
import io.fundamentallm.spi.SamplerProvider;
import io.fundamentallm.spi.SamplerStage;
import java.util.Map;

/**
 * {@code chat-answer="{…}"}: the text is an answer of a chat model, in which each call of a tool is
 * valid under the schema of the tool's arguments. The rest of it is free: the model decides when it
 * opens a call, and what it says before and behind it. {@code TextGenerator.chat} writes this spec;
 * it is a JSON object with the keys
 *
 * <ul>
 *   <li>{@code notation}: the {@link io.fundamentallm.text.ChatNotation#id()} of how the model
 *       writes.
 *   <li>{@code tools}: objects with {@code name} and {@code parameters}, the JSON Schema of the
 *       arguments, which {@link JsonSchemaConstraint} describes; a schema that says nothing about
 *       properties allows none.
 *   <li>{@code tool_choice}: {@code none}; {@code auto}, the default; {@code required}: calls at
 *       once, after thinking at most, and no text behind them; or an object with the {@code name}
 *       of the tool to call, likewise.
 *   <li>{@code parallel_tool_calls}: whether several calls are allowed; by default they are.
 *   <li>{@code thinking}: {@code none}, the default, if the model does not know the markers; {@code
 *       off}, {@code allowed}; {@code begun} if the prompt's last words opened it.
 *   <li>{@code thinking_budget}: the most tokens of thinking. When they are spent, the closing
 *       marker is all that can follow.
 *   <li>{@code schema}: the JSON Schema of the answer's text.
 *   <li>{@code text}: another constraint of the answer's text, where there are no tools: an object
 *       with its {@code name}, such as {@code regex}, and the text of each of its {@code options}.
 * </ul>
 *
 * <p>Markers that the vocabulary has as special tokens are written as these tokens, others as text.
 * What is not part of a call or of thinking may be any bytes, except other special tokens. Names in
 * calls have no more escapes than needed.
 *
 * <p>{@link RegexConstraint} has the rules for all constraints.
 */
public final class ChatAnswerConstraint implements SamplerProvider {
  /** An agent's tools are the same in every turn. */
  private static final int KEPT = 16;

  private final Cache<String, AnswerConstraints> recent =
      CacheBuilder.newBuilder().maximumSize(KEPT).build();

  /** Used by {@link java.util.ServiceLoader}, or to add this stage to a registry by hand. */
  public ChatAnswerConstraint() {}

  @Override
  public String name() {
    return "chat-answer";
  }

  @Override
  public SamplerStage create(Options options) {
    String json = options.text("value");
    return Refusals.named(
        options,
        () -> {
          AnswerConstraints known = recent.getIfPresent(json);
          if (known == null) {
            known = AnswerConstraints.of(name(), json, ChatAnswerConstraint::text);
            recent.put(json, known);
          }
          return SamplerStage.constraint(known::bind);
        });
  }

  private static TextGrammar text(String name, Map<String, String> options) {
    TextConstraint constraint =
        TextConstraint.named(name)
            .orElseThrow(
                () ->
                    new IllegalArgumentException("text names \"" + name + "\", which is unknown"));
    Options read = Options.of(name, options);
    TextGrammar grammar = constraint.grammar(read);
    read.requireAllUsed();
    return grammar;
  }
}
