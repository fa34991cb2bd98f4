package io.fundamentallm.tokenizers.gguf;

import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.tokenizers.gguf.section.GgufTokenizer;
import io.fundamentallm.tokenizers.pipeline.TokenForms;
import io.fundamentallm.tokenizers.sentencepiece.SentencePieceModel;
import io.fundamentallm.tokenizers.sentencepiece.SentencePieceModel.Kind;
import io.fundamentallm.tokenizers.sentencepiece.SentencePiecePieces;
import io.fundamentallm.tokenizers.sentencepiece.SentencePieceRules;
import io.fundamentallm.tokenizers.sentencepiece.SentencePieceTokenizer;
import io.fundamentallm.tokenizers.text.PrecompiledCharsmap;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * SentencePiece models as GGUF files have them: {@code llama} is BPE by scores, {@code t5} the
 * likeliest segmentation. User-defined pieces are found by the model itself, as SentencePiece does.
 */
final class GgufSentencePiece {
  private GgufSentencePiece() {}

  static Tokenizer of(Path file, GgufTokenizer gguf) throws IOException {
    boolean llama = gguf.model().equals("llama");
    TokenForms.Roles roles =
        llama
            ? new TokenForms.Roles(
                GgufTokenizers.role(gguf, "bos", 1),
                GgufTokenizers.role(gguf, "eos", 2),
                GgufTokenizers.role(gguf, "padding", -1),
                GgufTokenizers.role(gguf, "unknown", 0))
            : new TokenForms.Roles(
                GgufTokenizers.role(gguf, "bos", -1),
                GgufTokenizers.role(gguf, "eos", 1),
                GgufTokenizers.role(gguf, "padding", 0),
                GgufTokenizers.role(gguf, "unknown", 2));
    return SentencePieceTokenizer.of(
        model(
            file,
            gguf,
            llama ? SentencePieceModel.Type.BPE : SentencePieceModel.Type.UNIGRAM,
            roles),
        roles,
        GgufTokenizers.boundary(gguf, roles, llama, !llama),
        gguf.chatTemplate(),
        file,
        new GgufFiles(gguf));
  }

  private static SentencePieceModel model(
      Path file, GgufTokenizer gguf, SentencePieceModel.Type type, TokenForms.Roles roles)
      throws IOException {
    String[] forms = GgufTokenizers.forms(file, gguf);
    float[] scores = gguf.scores();
    if (scores == null) {
      throw new IOException(file + ", tokenizer.ggml.scores: this model needs scores");
    }
    Integer unknown = roles.unk();
    if (unknown == null) {
      throw new IOException(file + ", tokenizer.ggml.unknown_token_id: no unknown token");
    }
    byte[][] pieces = new byte[forms.length][];
    Kind[] kinds = new Kind[forms.length];
    int bytes = 0;
    for (int id = 0; id < forms.length; id++) {
      kinds[id] = id == unknown ? Kind.UNKNOWN : kind(file, gguf, id);
      // llama.cpp's converter writes plain spaces in these
      boolean spaced = kinds[id] == Kind.USER_DEFINED;
      String piece = spaced ? forms[id].replace(' ', '\u2581') : forms[id];
      pieces[id] = piece.getBytes(StandardCharsets.UTF_8);
      bytes += kinds[id] == Kind.BYTE ? 1 : 0;
      if (kinds[id] == Kind.BYTE && SentencePiecePieces.byteOf(pieces[id]) < 0) {
        throw error(file, "tokens", id, "of type byte, but not written like <0xE2>");
      }
      if (!Float.isFinite(scores[id])) {
        throw error(file, "scores", id, "not a finite number");
      }
    }
    // forms differ from each other, so 256 of them are all bytes
    boolean fallback = bytes == 256;
    Boolean prefix = gguf.flag("add_space_prefix");
    return new SentencePieceModel(
        type,
        pieces,
        scores,
        kinds,
        fallback,
        unknown,
        orNone(roles.bos()),
        orNone(roles.eos()),
        orNone(roles.pad()),
        " \u2047 ",
        false,
        new SentencePieceRules(
            charsmap(file, gguf),
            prefix == null ? type == SentencePieceModel.Type.BPE : prefix,
            Boolean.TRUE.equals(gguf.flag("remove_extra_whitespaces")),
            true),
        null);
  }

  private static int orNone(@Nullable Integer role) {
    return role == null ? -1 : role;
  }

  private static Kind kind(Path file, GgufTokenizer gguf, int id) throws IOException {
    int type = GgufTokenizers.type(gguf, id);
    Kind kind = type == 0 ? Kind.NORMAL : Kind.of(type);
    if (kind == null) {
      throw error(file, "token_type", id, "the type " + type + " does not exist");
    }
    return kind;
  }

  private static @Nullable PrecompiledCharsmap charsmap(Path file, GgufTokenizer gguf)
      throws IOException {
    byte[] blob = gguf.precompiledCharsmap();
    try {
      return blob == null || blob.length == 0 ? null : new PrecompiledCharsmap(blob);
    } catch (IllegalArgumentException e) {
      throw new IOException(file + ", tokenizer.ggml.precompiled_charsmap: " + e.getMessage(), e);
    }
  }

  private static IOException error(Path file, String key, int id, String what) {
    return new IOException(file + ", tokenizer.ggml." + key + "[" + id + "]: " + what);
  }
}
