package io.fundamentallm.tokenizers.sentencepiece;

import com.fasterxml.jackson.core.JsonGenerator;
import io.fundamentallm.tokenizers.pipeline.BosEosProcessor;
import io.fundamentallm.tokenizers.pipeline.Pipeline;
import io.fundamentallm.tokenizers.sentencepiece.SentencePieceModel.Kind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A SentencePiece model of byte pairs as {@code tokenizer.json}, in the terms of published
 * conversions of Llama's. User-defined symbols are cut out by a pattern before the model sees the
 * text, after the space at its beginning was added: as added tokens they would come before that.
 *
 * <p>Other models have no such form. That library replaces characters cluster by cluster,
 * SentencePiece by the longest match; it adds up a Unigram model's scores in doubles, SentencePiece
 * in floats; and it has no unused pieces.
 */
final class SentencePieceJson {
  private static final String SPACE = "\u2581";

  private final SentencePieceModel model;
  private final BosEosProcessor boundary;
  private final Set<Integer> special;

  /** User-defined symbols, the longest first. */
  private final List<String> symbols;

  private SentencePieceJson(Pipeline parts, SentencePieceModel model, BosEosProcessor boundary) {
    this.model = model;
    this.boundary = boundary;
    special = new TreeSet<>(parts.forms().special());
    special.add(model.unknown()); // or its written form would be found in text
    symbols =
        ids(Kind.USER_DEFINED)
            .mapToObj(model::piece)
            .sorted(Comparator.comparingInt(String::length).reversed())
            .toList();
  }

  /**
   * The form of a model.
   *
   * @throws UnsupportedOperationException if there is none with the same ids; says why
   */
  static SentencePieceJson of(Pipeline parts, SentencePieceModel model, BosEosProcessor boundary) {
    SentencePieceJson form = new SentencePieceJson(parts, model, boundary);
    String objection = form.objection();
    if (objection != null) {
      throw new UnsupportedOperationException(
          "tokenizer.json has no form for this " + parts.description() + ": " + objection);
    }
    return form;
  }

  private IntStream ids(Kind kind) {
    return IntStream.range(0, model.size())
        .filter(id -> model.kinds()[id] == kind && !special.contains(id));
  }

  private @Nullable String objection() {
    if (model.type() == SentencePieceModel.Type.UNIGRAM) {
      return "it is a Unigram model, whose nearly equal ways to cut a text are added up in other"
          + " numbers there";
    } else if (model.type() != SentencePieceModel.Type.BPE) {
      return "its pieces are words or characters";
    } else if (model.normalizer().charsmap() != null) {
      return "it replaces characters before it cuts a text";
    } else if (model.whitespaceIsSuffix() || !model.normalizer().escapeWhitespaces()) {
      return "its spaces are not the first characters of words";
    } else if (ids(Kind.UNUSED).findAny().isPresent()) {
      return "it has unused pieces";
    } else if (model.byteFallback() && !symbols.isEmpty()) {
      return "it has both user-defined symbols and bytes, whose written forms would be found between"
          + " symbols";
    }
    long joined = ids(Kind.NORMAL).filter(id -> length(id) > 1).count();
    long scores =
        ids(Kind.NORMAL)
            .filter(id -> length(id) > 1)
            .mapToObj(id -> model.scores()[id])
            .distinct()
            .count();
    return scores == joined
        ? null
        : "some of its pieces have the same score, so nothing says which is joined first";
  }

  private int length(int id) {
    String piece = model.piece(id);
    return piece.codePointCount(0, piece.length());
  }

  void write(JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeStringField("version", "1.0");
    json.writeNullField("truncation");
    json.writeNullField("padding");
    json.writeArrayFieldStart("added_tokens");
    for (int id : special) {
      json.writeStartObject();
      json.writeNumberField("id", id);
      json.writeStringField("content", model.piece(id));
      for (String flag : List.of("single_word", "lstrip", "rstrip", "normalized")) {
        json.writeBooleanField(flag, false);
      }
      json.writeBooleanField("special", true);
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeFieldName("normalizer");
    normalizer(json);
    json.writeFieldName("pre_tokenizer");
    preTokenizer(json);
    json.writeFieldName("post_processor");
    postProcessor(json);
    json.writeFieldName("decoder");
    decoder(json);
    json.writeFieldName("model");
    pairs(json);
    json.writeEndObject();
  }

  private void normalizer(JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeStringField("type", "Sequence");
    json.writeArrayFieldStart("normalizers");
    if (model.normalizer().removeExtraWhitespaces()) {
      replace(json, "Regex", "\\A +", "");
      replace(json, "Regex", " {2,}", " ");
    }
    if (model.normalizer().addDummyPrefix()) {
      json.writeStartObject();
      json.writeStringField("type", "Prepend");
      json.writeStringField("prepend", SPACE);
      json.writeEndObject();
    }
    replace(json, "String", " ", SPACE);
    if (model.normalizer().removeExtraWhitespaces()) {
      replace(json, "Regex", SPACE + "+\\z", ""); // also those that a text has as such
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void replace(JsonGenerator json, String kind, String pattern, String content)
      throws IOException {
    json.writeStartObject();
    json.writeStringField("type", "Replace");
    json.writeObjectFieldStart("pattern");
    json.writeStringField(kind, pattern);
    json.writeEndObject();
    json.writeStringField("content", content);
    json.writeEndObject();
  }

  private void preTokenizer(JsonGenerator json) throws IOException {
    if (symbols.isEmpty()) {
      json.writeNull();
      return;
    }
    json.writeStartObject();
    json.writeStringField("type", "Split");
    json.writeObjectFieldStart("pattern");
    json.writeStringField(
        "Regex", symbols.stream().map(SentencePieceJson::literal).collect(Collectors.joining("|")));
    json.writeEndObject();
    json.writeStringField("behavior", "Isolated");
    json.writeBooleanField("invert", false);
    json.writeEndObject();
  }

  /** A pattern that matches a text and nothing else. */
  private static String literal(String text) {
    StringBuilder pattern = new StringBuilder();
    text.replace(" ", SPACE)
        .codePoints()
        .forEach(
            c -> {
              if ("\\^$.|?*+()[]{}-&~#".indexOf(c) >= 0) {
                pattern.append('\\');
              }
              pattern.appendCodePoint(c);
            });
    return pattern.toString();
  }

  private void postProcessor(JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeStringField("type", "TemplateProcessing");
    for (String kind : List.of("single", "pair")) {
      json.writeArrayFieldStart(kind);
      for (String part : kind.equals("single") ? List.of("A") : List.of("A", "B")) {
        int type = part.equals("A") ? 0 : 1;
        specialToken(json, boundary.bos(), type);
        json.writeStartObject();
        json.writeObjectFieldStart("Sequence");
        json.writeStringField("id", part);
        json.writeNumberField("type_id", type);
        json.writeEndObject();
        json.writeEndObject();
        specialToken(json, boundary.eos(), type);
      }
      json.writeEndArray();
    }
    json.writeObjectFieldStart("special_tokens");
    for (int id : IntStream.of(boundary.bos(), boundary.eos()).distinct().toArray()) {
      if (id >= 0) {
        json.writeObjectFieldStart(model.piece(id));
        json.writeStringField("id", model.piece(id));
        json.writeArrayFieldStart("ids");
        json.writeNumber(id);
        json.writeEndArray();
        json.writeArrayFieldStart("tokens");
        json.writeString(model.piece(id));
        json.writeEndArray();
        json.writeEndObject();
      }
    }
    json.writeEndObject();
    json.writeEndObject();
  }

  private void specialToken(JsonGenerator json, int id, int type) throws IOException {
    if (id >= 0) {
      json.writeStartObject();
      json.writeObjectFieldStart("SpecialToken");
      json.writeStringField("id", model.piece(id));
      json.writeNumberField("type_id", type);
      json.writeEndObject();
      json.writeEndObject();
    }
  }

  private void decoder(JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeStringField("type", "Sequence");
    json.writeArrayFieldStart("decoders");
    replace(json, "String", SPACE, " ");
    for (String type : List.of("ByteFallback", "Fuse")) {
      json.writeStartObject();
      json.writeStringField("type", type);
      json.writeEndObject();
    }
    if (model.normalizer().addDummyPrefix() || model.normalizer().removeExtraWhitespaces()) {
      json.writeStartObject();
      json.writeStringField("type", "Strip");
      json.writeStringField("content", " ");
      json.writeNumberField("start", 1);
      json.writeNumberField("stop", 0);
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  /** Every pair that makes a piece is joined as early as the piece's score says. */
  private void pairs(JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeStringField("type", "BPE");
    json.writeNullField("dropout");
    json.writeStringField("unk_token", model.piece(model.unknown()));
    json.writeNullField("continuing_subword_prefix");
    json.writeNullField("end_of_word_suffix");
    json.writeBooleanField("fuse_unk", true);
    json.writeBooleanField("byte_fallback", model.byteFallback());
    json.writeBooleanField("ignore_merges", !symbols.isEmpty()); // a symbol has no pairs
    json.writeObjectFieldStart("vocab");
    for (int id = 0; id < model.size(); id++) {
      json.writeNumberField(model.piece(id), id);
    }
    json.writeEndObject();
    json.writeArrayFieldStart("merges");
    Set<String> joined = ids(Kind.NORMAL).mapToObj(model::piece).collect(Collectors.toSet());
    List<Integer> order =
        new ArrayList<>(ids(Kind.NORMAL).filter(id -> length(id) > 1).boxed().toList());
    order.sort(Comparator.comparingDouble((Integer id) -> model.scores()[id]).reversed());
    for (int id : order) {
      String piece = model.piece(id);
      for (int at = 1; at < piece.length(); at++) {
        if (!Character.isLowSurrogate(piece.charAt(at))
            && joined.contains(piece.substring(0, at))
            && joined.contains(piece.substring(at))) {
          json.writeStartArray();
          json.writeString(piece.substring(0, at));
          json.writeString(piece.substring(at));
          json.writeEndArray();
        }
      }
    }
    json.writeEndArray();
    json.writeEndObject();
  }
}
