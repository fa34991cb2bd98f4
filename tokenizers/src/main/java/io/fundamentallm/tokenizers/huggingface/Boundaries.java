package io.fundamentallm.tokenizers.huggingface;

import io.fundamentallm.tokenizers.json.JsonTree;
import io.fundamentallm.tokenizers.pipeline.PostProcessor;
import io.fundamentallm.tokenizers.pipeline.TokenForms;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What {@code add_bos_token} and {@code add_eos_token} say to put around a text.
 *
 * <p>Some classes of transformers 4 lay texts out by these switches, whatever {@code
 * tokenizer.json} says: DeepSeek-V3's begin token is in no other place. llama.cpp's converter
 * follows them, too. Other classes ignore them, and so does this library then. A switch that is not
 * there leaves its side as {@code tokenizer.json} has it, as transformers 5 and that converter do.
 *
 * @param begin whether the begin token stands before a text; null if the file does not say
 * @param end whether the end token stands behind it; null if the file does not say
 * @param followed whether that counts beside a {@code tokenizer.json}
 */
record Boundaries(@Nullable Boolean begin, @Nullable Boolean end, boolean followed) {
  static final Boundaries UNSAID = new Boundaries(null, null, false);

  /** The classes that follow the switches, without the "Fast" that may come behind. */
  private static final Set<String> FOLLOWERS =
      Set.of(
          "LlamaTokenizer",
          "CodeLlamaTokenizer",
          "GemmaTokenizer",
          "CohereTokenizer",
          "GPTNeoXTokenizer");

  private static final String FAST = "Fast";

  /** Whether a class lays texts out by the switches; where none is named, who sets them does. */
  static boolean followedBy(@Nullable String name) {
    return name == null
        || FOLLOWERS.contains(
            name.endsWith(FAST) ? name.substring(0, name.length() - FAST.length()) : name);
  }

  /** The parts of a {@code tokenizer.json} with the layout that the switches ask for. */
  JsonTree within(JsonTree components, TokenForms forms, Path file) throws IOException {
    if (!followed) {
      return components;
    }
    PostProcessor layout = PostProcessors.of(components.get("post_processor"), forms);
    boolean begins = has(layout, false, forms.bos());
    boolean ends = has(layout, true, forms.eos());
    boolean toBegin = begin == null ? begins : begin && forms.bos().isPresent();
    boolean toEnd = end == null ? ends : end && forms.eos().isPresent();
    if (begins == toBegin && ends == toEnd) {
      return components;
    }
    return replaced(
        components,
        template(
            toBegin ? forms.token(forms.bos().getAsInt()) : null,
            forms.bos().orElse(-1),
            toEnd ? forms.token(forms.eos().getAsInt()) : null,
            forms.eos().orElse(-1)),
        file);
  }

  private static boolean has(PostProcessor layout, boolean end, OptionalInt token) {
    return token.isPresent() && layout.outermost(end) == token.getAsInt();
  }

  /** The parts with another post-processor. */
  static JsonTree replaced(JsonTree components, String postProcessor, Path file)
      throws IOException {
    Map<String, JsonTree> parts = new LinkedHashMap<>();
    for (String name : components.keys()) {
      parts.put(name, components.get(name));
    }
    parts.put("post_processor", JsonTree.parse(postProcessor, file));
    return JsonTree.of(file, "", parts);
  }

  /** A post-processor that puts these tokens around each text; null puts none there. */
  static String template(@Nullable String begin, int beginId, @Nullable String end, int endId) {
    List<String> single = new ArrayList<>();
    List<String> pair = new ArrayList<>();
    for (int type = 0; type < 2; type++) {
      List<String> text = new ArrayList<>();
      if (begin != null) {
        text.add(part("SpecialToken", begin, type));
      }
      text.add(part("Sequence", type == 0 ? "A" : "B", type));
      if (end != null) {
        text.add(part("SpecialToken", end, type));
      }
      if (type == 0) {
        single.addAll(text);
      }
      pair.addAll(text);
    }
    List<String> tokens = new ArrayList<>();
    if (begin != null) {
      tokens.add(token(begin, beginId));
    }
    if (end != null && !end.equals(begin)) {
      tokens.add(token(end, endId));
    }
    return String.format(
        "{\"type\": \"TemplateProcessing\", \"single\": %s, \"pair\": %s, \"special_tokens\": {%s}}",
        single, pair, String.join(", ", tokens));
  }

  private static String part(String kind, String name, int type) {
    return String.format(
        "{\"%s\": {\"id\": %s, \"type_id\": %d}}", kind, TokenizerDesign.json(name), type);
  }

  private static String token(String form, int id) {
    return String.format(
        "%1$s: {\"id\": %1$s, \"ids\": [%2$d], \"tokens\": [%1$s]}",
        TokenizerDesign.json(form), id);
  }
}
