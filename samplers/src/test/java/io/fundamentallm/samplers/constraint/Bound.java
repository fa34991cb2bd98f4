package io.fundamentallm.samplers.constraint;

import io.fundamentallm.contract.ByteTokenizer;
import io.fundamentallm.decoding.Binding;
import io.fundamentallm.decoding.TokenConstraint;
import io.fundamentallm.model.ModelInfo;
import io.fundamentallm.spi.Options;
import io.fundamentallm.spi.SamplerProvider;
import io.fundamentallm.spi.SamplerStage;
import io.fundamentallm.text.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Constraints as generations get them. */
public final class Bound {
  static final ByteTokenizer BYTES = ByteTokenizer.withBeginAndEnd();
  static final int END = 257;

  private static final List<SamplerProvider> PROVIDERS =
      List.of(
          new ChatAnswerConstraint(),
          new ChoiceConstraint(),
          new RegexConstraint(),
          new JsonConstraint(),
          new JsonObjectConstraint(),
          new JsonSchemaConstraint(),
          new GrammarConstraint());

  private Bound() {}

  /** A constraint over single bytes, with an end token; options beside the value in turn. */
  static TokenConstraint bytes(String name, String value, String... more) {
    return of(stage(name, value, more), BYTES, 258, END);
  }

  static TokenConstraint of(
      SamplerStage stage, Tokenizer tokenizer, int vocabularySize, Integer... ends) {
    ModelInfo info = ModelInfo.builder("test", vocabularySize, 16).endTokens(Set.of(ends)).build();
    return ((SamplerStage.Constraining) stage).bind().apply(Binding.of(info, tokenizer));
  }

  public static SamplerStage stage(String name, String value, String... more) {
    Map<String, String> values = new HashMap<>();
    if (!value.isEmpty()) {
      values.put("value", value);
    }
    for (int i = 0; i < more.length; i += 2) {
      values.put(more[i], more[i + 1]);
    }
    Options options = Options.of(name, values);
    SamplerStage stage =
        PROVIDERS.stream()
            .filter(provider -> provider.name().equals(name))
            .findFirst()
            .orElseThrow()
            .create(options);
    options.requireAllUsed();
    return stage;
  }

  static boolean allows(long[] mask, int token) {
    return token >> 6 < mask.length && (mask[token >> 6] >>> token & 1) != 0;
  }

  /** Whether a text can be read byte by byte, and may end then. */
  static boolean accepts(TokenConstraint constraint, String text) {
    TokenConstraint reader = constraint.fork();
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      if (!allows(reader.mask(), b & 0xFF)) {
        return false;
      }
      reader.accept(b & 0xFF);
    }
    return allows(reader.mask(), END);
  }
}
