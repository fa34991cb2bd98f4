package io.fundamentallm.tokenizers.huggingface;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.fundamentallm.spi.Learning;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.tokenizers.json.JsonTree;
import io.fundamentallm.tokenizers.pipeline.AddedToken;
import io.fundamentallm.tokenizers.train.DocumentLines;
import io.fundamentallm.tokenizers.train.WordCounter;
import io.fundamentallm.tokenizers.train.WordCounts;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A tokenizer before it learns: its parts are chosen, in the terms of {@code tokenizer.json}, and
 * its vocabulary is still empty. One thread at a time.
 */
public final class TokenizerDesign {
  /** What messages call it. */
  private static final Path FILE = Path.of(TokenizerJson.NAME);

  private final JsonTree components;
  private final JsonTree model;
  private final WordCounter counter;

  private TokenizerDesign(JsonTree components, JsonTree model) throws IOException {
    this.components = components;
    this.model = model;
    counter =
        new WordCounter(
            Components.normalizer(components.get("normalizer")),
            Components.preTokenizer(components.get("pre_tokenizer")));
  }

  /**
   * A design of these parts, each a JSON object or {@code null}.
   *
   * @param model without vocabulary and merges
   * @throws IllegalArgumentException for unknown parts
   */
  public static TokenizerDesign of(
      String normalizer, String preTokenizer, String postProcessor, String decoder, String model) {
    try {
      Map<String, JsonTree> components = new LinkedHashMap<>();
      components.put("version", JsonTree.parse("\"1.0\"", FILE));
      components.put("normalizer", JsonTree.parse(normalizer, FILE));
      components.put("pre_tokenizer", JsonTree.parse(preTokenizer, FILE));
      components.put("post_processor", JsonTree.parse(postProcessor, FILE));
      components.put("decoder", JsonTree.parse(decoder, FILE));
      return new TokenizerDesign(JsonTree.of(FILE, "", components), JsonTree.parse(model, FILE));
    } catch (IOException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  /** A text as JSON writes it; null for null. */
  public static String json(@Nullable String text) {
    return text == null
        ? "null"
        : '"' + String.valueOf(JsonStringEncoder.getInstance().quoteAsString(text)) + '"';
  }

  /**
   * Counts the words of texts as this tokenizer cuts their lines.
   *
   * @throws IllegalArgumentException if there are none, so that nothing could be learned
   */
  public WordCounts words(Iterable<? extends CharSequence> texts, Learning learning) {
    WordCounts words = new WordCounts();
    counter.count(new DocumentLines(texts), words, learning);
    if (words.size() == 0) {
      throw new IllegalArgumentException(
          "the texts to learn a tokenizer from have no word, or are empty");
    }
    return words;
  }

  /**
   * The tokenizer with what it has learned.
   *
   * @param special the forms that are never found in text
   * @param forms all tokens by id
   * @param scores of a Unigram model, by id; null for others
   * @param merges of a BPE model, left and right alternating
   */
  public Tokenizer with(
      List<String> special, List<String> forms, double @Nullable [] scores, List<String> merges) {
    Map<String, Integer> ids = new HashMap<>();
    for (int id = 0; id < forms.size(); id++) {
      ids.put(forms.get(id), id);
    }
    List<AddedToken> added =
        special.stream().map(form -> AddedToken.special(forms.indexOf(form), form)).toList();
    Path beside = FILE.resolveSibling(TokenizerConfig.NAME);
    TokenizerConfig defaultRoles =
        new TokenizerConfig(
            beside, false, null, null, null, null, Boundaries.UNSAID, false, null, beside);
    try {
      TokenizerJson json =
          new TokenizerJson(
              FILE,
              beginning(added),
              added,
              model,
              forms.toArray(new String[0]),
              forms.size(),
              ids,
              scores,
              merges);
      return HuggingFaceTokenizer.of(json, defaultRoles);
    } catch (IOException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  /**
   * The parts; a begin token stands before each text unless they say what does. In the file, so
   * that other systems do the same.
   */
  private JsonTree beginning(List<AddedToken> added) throws IOException {
    AddedToken begin =
        HuggingFaceTokenizer.BEGINS.stream()
            .flatMap(form -> added.stream().filter(token -> token.content().equals(form)))
            .findFirst()
            .orElse(null);
    if (begin == null || !components.get("post_processor").isNull()) {
      return components;
    }
    return Boundaries.replaced(
        components, Boundaries.template(begin.content(), begin.id(), null, -1), FILE);
  }
}
