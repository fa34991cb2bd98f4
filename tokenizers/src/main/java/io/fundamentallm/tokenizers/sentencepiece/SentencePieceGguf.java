package io.fundamentallm.tokenizers.sentencepiece;

import io.fundamentallm.tokenizers.gguf.section.GgufSection;
import io.fundamentallm.tokenizers.gguf.section.GgufTokenizer;
import io.fundamentallm.tokenizers.pipeline.Pipeline;
import io.fundamentallm.tokenizers.sentencepiece.SentencePieceModel.Kind;
import org.jspecify.annotations.Nullable;

/** A SentencePiece model as llama.cpp's converter writes it into a GGUF file. */
final class SentencePieceGguf {
  private SentencePieceGguf() {}

  static GgufTokenizer of(Pipeline parts, SentencePieceModel model, @Nullable String chatTemplate) {
    boolean pairs = model.type() == SentencePieceModel.Type.BPE;
    if (!pairs && model.type() != SentencePieceModel.Type.UNIGRAM) {
      throw unsupported(parts, "its pieces are words or characters");
    }
    if (pairs && !model.byteFallback()) {
      throw unsupported(parts, "it has no pieces for bytes");
    }
    if (model.whitespaceIsSuffix() || !model.normalizer().escapeWhitespaces()) {
      throw unsupported(parts, "its spaces are not the first characters of words");
    }
    GgufSection section = new GgufSection(pairs ? "llama" : "t5", model.size(), true);
    for (int id = 0; id < model.size(); id++) {
      section.token(id, model.piece(id), type(model.kinds()[id]));
      section.score(id, model.scores()[id]);
    }
    for (int id : parts.forms().special()) {
      if (model.kinds()[id] != Kind.UNKNOWN) {
        section.token(id, model.piece(id), GgufTokenizer.CONTROL);
      }
    }
    section.roles(parts.forms());
    section.set("add_bos_token", parts.added(false) >= 0);
    section.set("add_eos_token", parts.added(true) >= 0);
    section.set("add_space_prefix", model.normalizer().addDummyPrefix());
    section.set("remove_extra_whitespaces", model.normalizer().removeExtraWhitespaces());
    if (model.normalizer().charsmap() != null) {
      section.replacements(model.normalizer().charsmap().blob());
    }
    section.chatTemplate(chatTemplate);
    return section.build();
  }

  private static UnsupportedOperationException unsupported(Pipeline parts, String what) {
    return new UnsupportedOperationException(
        "llama.cpp has no tokenizers like this " + parts.description() + ": " + what);
  }

  private static int type(Kind kind) {
    return switch (kind) {
      case NORMAL -> GgufTokenizer.NORMAL;
      case UNKNOWN -> GgufTokenizer.UNKNOWN;
      case CONTROL -> GgufTokenizer.CONTROL;
      case USER_DEFINED -> GgufTokenizer.USER_DEFINED;
      case UNUSED -> GgufTokenizer.UNUSED;
      case BYTE -> GgufTokenizer.BYTE;
    };
  }
}
