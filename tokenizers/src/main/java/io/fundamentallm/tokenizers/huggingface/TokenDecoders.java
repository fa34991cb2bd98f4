package io.fundamentallm.tokenizers.huggingface;

import io.fundamentallm.tokenizers.json.JsonTree;
import io.fundamentallm.tokenizers.pipeline.DecoderChain;
import io.fundamentallm.tokenizers.pipeline.DecoderChain.Stage;
import io.fundamentallm.tokenizers.pipeline.Pipeline.TokenDecoder;
import io.fundamentallm.tokenizers.pipeline.TokenForms;
import io.fundamentallm.tokenizers.split.PrependScheme;
import io.fundamentallm.tokenizers.split.Regex;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Decoders as {@code tokenizer.json} describes them. */
final class TokenDecoders {
  private TokenDecoders() {}

  /**
   * What tokens look like in text.
   *
   * @param byteLevel whether the vocabulary's bytes are already raw
   * @return null if tokens are simply their bytes
   */
  static @Nullable TokenDecoder of(JsonTree json, TokenForms forms, boolean byteLevel)
      throws IOException {
    if (!json.isNull()
        && byteLevel
        && (json.get("type").text().equals("ByteLevel") || isByteLevelAlone(json))) {
      return null;
    }
    List<Stage> stages = new ArrayList<>();
    if (json.isNull()) {
      stages.add(DecoderChain.spaced());
    } else {
      add(json, stages, false);
    }
    return stages.isEmpty() && !byteLevel ? null : new DecoderChain(forms, stages);
  }

  private static boolean isByteLevelAlone(JsonTree json) throws IOException {
    if (!json.get("type").text().equals("Sequence")) {
      return false;
    }
    List<JsonTree> stages = json.get("decoders").list();
    return stages.size() == 1 && stages.get(0).get("type").text().equals("ByteLevel");
  }

  /** Adds the stages of a decoder; returns whether tokens are one text from here on. */
  private static boolean add(JsonTree json, List<Stage> stages, boolean fused) throws IOException {
    String type = json.get("type").text();
    switch (type) {
      case "Sequence" -> {
        boolean one = fused;
        for (JsonTree stage : json.get("decoders").list()) {
          one = add(stage, stages, one);
        }
        return one;
      }
      case "Fuse" -> {
        return true;
      }
      case "ByteFallback" -> stages.add(DecoderChain.byteFallback());
      case "ByteLevel" -> {
        stages.add(DecoderChain.byteLevel());
        return true;
      }
      case "Replace" -> {
        JsonTree pattern = json.get("pattern");
        Regex regex =
            pattern.get("String").isNull()
                ? Components.regex(pattern.get("Regex"))
                : Regex.literal(pattern.get("String").text());
        stages.add(DecoderChain.replace(regex, json.get("content").text()));
      }
      case "Strip" -> {
        int stop = json.get("stop").integer(0, Integer.MAX_VALUE);
        if (fused && stop > 0) {
          throw json.get("stop").error("stripping the end of a whole text is not supported");
        }
        String content = json.get("content").text();
        if (content.isEmpty()) {
          throw json.get("content").expected("a character");
        }
        stages.add(
            DecoderChain.strip(
                content, json.get("start").integer(0, Integer.MAX_VALUE), stop, fused));
      }
      case "Metaspace" -> {
        JsonTree mark = json.get("replacement");
        stages.add(
            DecoderChain.metaspace(
                Character.toString(mark.isNull() ? 0x2581 : Components.character(mark)),
                Components.scheme(json) != PrependScheme.NEVER));
      }
      case "WordPiece" ->
          stages.add(
              DecoderChain.wordPiece(json.get("prefix").text(), json.get("cleanup").flag(true)));
      case "BPEDecoder" -> stages.add(DecoderChain.bpe(json.get("suffix").text()));
      case "CTC" ->
          stages.add(
              DecoderChain.ctc(
                  json.get("pad_token").text(),
                  json.get("word_delimiter_token").text(),
                  json.get("cleanup").flag(true)));
      default -> throw json.get("type").error("the decoder \"" + type + "\" is not known");
    }
    return fused;
  }
}
