package io.fundamentallm.decoding;

import static java.util.Objects.requireNonNull;

import io.fundamentallm.model.ModelInfo;
import io.fundamentallm.text.Tokenizer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a recipe gets to make the parts of one generation. Immutable and thread-safe. */
public final class Binding {
  private final ModelInfo model;
  private final @Nullable Tokenizer tokenizer;
  private final boolean continuesPrompt;

  private Binding(ModelInfo model, @Nullable Tokenizer tokenizer, boolean continuesPrompt) {
    this.model = requireNonNull(model, "model");
    this.tokenizer = tokenizer;
    this.continuesPrompt = continuesPrompt;
  }

  /** A binding without text: stages that need a tokenizer refuse it. */
  public static Binding of(ModelInfo model) {
    return new Binding(model, null, false);
  }

  /** A binding to a model and the tokenizer that belongs to it, for a text that begins anew. */
  public static Binding of(ModelInfo model, Tokenizer tokenizer) {
    return new Binding(model, requireNonNull(tokenizer, "tokenizer"), false);
  }

  /** The same for a text that continues the prompt's. */
  public Binding continuing() {
    return new Binding(model, tokenizer, true);
  }

  /**
   * Whether the first generated token is within a text, so that it adds {@link
   * Tokenizer#bytes(int)}; otherwise it begins a text, and decoding may strip its leading space.
   */
  public boolean continuesPrompt() {
    return continuesPrompt;
  }

  /** The model whose scores will be processed. */
  public ModelInfo model() {
    return model;
  }

  /** The tokenizer, if there is one. */
  public Optional<Tokenizer> tokenizer() {
    return Optional.ofNullable(tokenizer);
  }

  /**
   * The tokenizer, for a stage that cannot do without.
   *
   * @param stage the stage's name, for the message
   * @throws IllegalStateException if there is none
   */
  public Tokenizer requireTokenizer(String stage) {
    if (tokenizer == null) {
      throw new IllegalStateException(
          "stage \"" + stage + "\" needs a tokenizer: give one in DecodingOptions.tokenizer");
    }
    return tokenizer;
  }
}
