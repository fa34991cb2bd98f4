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
import java.util.Optional;

/** Decodes the answers to conversations, which the tokenizer's chat template lays out. */
record ChatDecoding(
    Tokenizer tokenizer,
    LanguageModel model,
    Registry registry,
    Decoder decoder,
    DecodingOptions options) {
  /** The tokens of an answer. */
  Generation answer(List<ChatMessage> messages) {
    return decode(template(messages).segments(messages, true), options);
  }

  /** An answer in parts, held to what the prompt needs. */
  ChatAnswer answer(ChatPrompt prompt) {
    ChatRendering rendering = rendering(prompt);
    Optional<String> needed = rendering.constraint(prompt);
    DecodingOptions own = SamplerRecipe.constraintApart(options, needed.orElse(""));
    Optional<Spec.Stage> text =
        rendering.thinks() || needed.isPresent() ? ofText(prompt, own) : Optional.empty();
    DecodingOptions held =
        text.map(stage -> constrained(own, rendering.constraint(prompt, stage)))
            .or(() -> needed.map(spec -> holdingTo(own, spec)))
            .orElse(own);
    return ChatAnswer.of(
        decode(rendering.segments(), held),
        tokenizer,
        prompt,
        rendering.notation(),
        rendering.thinks(),
        rendering.thinking(),
        text.isPresent());
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
   * The generator's own constraint, where it can be that of the text: a model that thinks may do so
   * before it.
   */
  private static Optional<Spec.Stage> ofText(ChatPrompt prompt, DecodingOptions own) {
    return prompt.tools().isEmpty()
            && prompt.answerSchema().isEmpty()
            && own.constraint().orElse(null) instanceof ConstraintRecipe constraint
            && constraint.isOfText()
        ? Optional.of(constraint.written())
        : Optional.empty();
  }

  private DecodingOptions holdingTo(DecodingOptions own, String spec) {
    Recipe<TokenConstraint> constraint = own.constraint().orElse(null);
    if (constraint == null) {
      return constrained(own, spec);
    } else if (!constraint.toString().equals(spec)) {
      throw new IllegalStateException(
          "the generator has the constraint "
              + constraint
              + ", and a prompt with tools, an answer's schema or a thinking budget needs its own:"
              + " give the schema to the prompt");
    }
    return own;
  }

  private DecodingOptions constrained(DecodingOptions own, String spec) {
    return own.toBuilder().constraint(Samplers.constraint(spec, registry)).build();
  }

  private Generation decode(List<ChatSegment> segments, DecodingOptions how) {
    return decoder.decode(
        model, tokenizer.encode(segments), how.toBuilder().continuesPrompt(false).build());
  }
}
