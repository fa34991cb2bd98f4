package io.fundamentallm.text;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/** Concatenates what the tokens add to the text, and passes it through the requested layers. */
final class TextDetokenizer implements Detokenizer {
  private final TokenText tokens;
  private final List<TextLayer> layers;

  private TextDetokenizer(TokenText tokens, List<TextLayer> layers) {
    this.tokens = tokens;
    this.layers = layers;
  }

  static Detokenizer of(Tokenizer tokenizer, DetokenizerOptions options) {
    requireNonNull(options, "options");
    BitSet skipped = new BitSet();
    if (options.skipSpecialTokens()) {
      tokenizer.vocabulary().special().forEach(skipped::set);
    }
    List<TextLayer> layers = new ArrayList<>();
    if (options.cleanUpTokenizationSpaces()) {
      layers.add(new SpaceCleanUp());
    }
    if (options.wholeGraphemes()) {
      layers.add(new GraphemeHold());
    }
    return new TextDetokenizer(new TokenText(tokenizer, skipped, options.malformed()), layers);
  }

  @Override
  public String append(int token) {
    String text = tokens.append(token);
    for (TextLayer layer : layers) {
      text = layer.append(text);
    }
    return text;
  }

  @Override
  public String finish() {
    String text = tokens.finish();
    for (TextLayer layer : layers) {
      text = layer.finish(text);
    }
    return text;
  }

  @Override
  public Detokenizer fork() {
    return new TextDetokenizer(tokens.fork(), layers.stream().map(TextLayer::fork).toList());
  }

  @Override
  public void rollback(int tokens) {
    this.tokens.rollback(tokens);
    layers.forEach(layer -> layer.rollback(tokens));
  }
}
