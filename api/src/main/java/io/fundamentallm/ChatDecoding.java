package io.fundamentallm;

import io.fundamentallm.chat.ChatAnswer;
import io.fundamentallm.decoding.Decoder;
import io.fundamentallm.decoding.DecodingOptions;
import io.fundamentallm.decoding.Generation;
import io.fundamentallm.decoding.Recipe;
import io.fundamentallm.decoding.TokenConstraint;
import io.fundamentallm.internal.buffers.Elements;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.Spec;
import io.fundamentallm.text.ChatMessage;
import io.fundamentallm.text.ChatPrompt;
import io.fundamentallm.text.ChatSegment;
import io.fundamentallm.text.ChatTemplate;
import io.fundamentallm.text.Tokenizer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Decodes the answers to conversations, which the tokenizer's chat template lays out. */
record ChatDecoding(
    Tokenizer tokenizer,
    LanguageModel model,
    Registry registry,
    Decoder decoder,
    DecodingOptions options) {
  private static final String ANY = "{}";
  private static final String ANY_OBJECT = "{\"type\":\"object\",\"additionalProperties\":true}";

  /** The tokens of an answer. */
  Generation answer(List<ChatMessage> messages) {
    return decode(template(messages).segments(messages, true), options);
  }

  /** An answer in parts, held to what the prompt needs. */
  ChatAnswer answer(ChatPrompt asked) {
    ChatRendering rendering = rendering(asked);
    ChatPrompt prompt =
        rendering.thinks()
            ? ownSchema(asked)
                .map(asked.toBuilder()::answerSchema)
                .map(ChatPrompt.Builder::build)
                .orElse(asked)
            : asked;
    DecodingOptions held =
        rendering
            .constraint(prompt)
            .map(spec -> prompt == asked ? holdingTo(spec) : constrained(spec))
            .orElse(options);
    return ChatAnswer.of(
        decode(rendering.segments(), held),
        tokenizer,
        prompt,
        rendering.notation(),
        rendering.thinks(),
        rendering.thinking());
  }

  /** The spec of the constraint that a prompt needs; empty if it needs none. */
  Optional<String> constraint(ChatPrompt prompt) {
    return rendering(prompt).constraint(prompt);
  }

  private ChatRendering rendering(ChatPrompt prompt) {
    return ChatRendering.of(template(prompt.messages()), prompt);
  }

  /** The template, for a conversation that it can lay out to be answered. */
  private ChatTemplate template(List<ChatMessage> messages) {
    ChatTemplate template = template(tokenizer);
    if (Elements.<ChatMessage>copy(messages, "messages").isEmpty()) {
      throw new IllegalArgumentException(
          "the conversation has no messages; expected at least one to answer");
    }
    return template;
  }

  /**
   * The template of a tokenizer.
   *
   * @throws IllegalStateException if it has none
   */
  static ChatTemplate template(Tokenizer tokenizer) {
    return tokenizer
        .chatTemplate()
        .orElseThrow(
            () ->
                new IllegalStateException(
                    "the model's tokenizer has no chat template; use generate with a prompt, or put"
                        + " the chat_template.jinja that the model was trained with into its"
                        + " directory. A GGUF file has its own: convert it again from a directory"
                        + " with one, or load the tokenizer from such a directory. A tokenizer of a"
                        + " plugin reads no such file by itself: its chatTemplate() has to give one,"
                        + " as ChatTemplates of fundamentallm-tokenizers reads it"));
  }

  /**
   * The schema of the generator's own constraint for JSON, where the prompt needs none: a model
   * that thinks may do so before the document.
   */
  private Optional<String> ownSchema(ChatPrompt prompt) {
    if (ChatRendering.needsConstraint(prompt)
        || !(options.constraint().orElse(null) instanceof ConstraintRecipe own)) {
      return Optional.empty();
    }
    Spec.Stage stage = Spec.single(own.spec());
    if (stage.equals(new Spec.Stage("json-object", Map.of()))) {
      return Optional.of(ANY_OBJECT);
    } else if (stage.equals(new Spec.Stage("json", Map.of()))) {
      return Optional.of(ANY);
    }
    boolean isPlain = stage.options().keySet().equals(Set.of("value")) && stage.files().isEmpty();
    if (!stage.name().equals("json-schema") || !isPlain) {
      return Optional.empty();
    }
    return Optional.ofNullable(stage.options().get("value"))
        .map(schema -> schema.strip().equals("true") ? ANY : schema);
  }

  private DecodingOptions holdingTo(String spec) {
    Recipe<TokenConstraint> own = options.constraint().orElse(null);
    if (own == null) {
      return constrained(spec);
    } else if (!own.toString().equals(spec)) {
      throw new IllegalStateException(
          "the generator has the constraint "
              + own
              + ", and a prompt with tools, an answer's schema or a thinking budget needs its own:"
              + " give the schema to the prompt");
    }
    return options;
  }

  private DecodingOptions constrained(String spec) {
    return options.toBuilder().constraint(Samplers.constraint(spec, registry)).build();
  }

  private Generation decode(List<ChatSegment> segments, DecodingOptions how) {
    return decoder.decode(
        model, tokenizer.encode(segments), how.toBuilder().continuesPrompt(false).build());
  }
}
