package io.fundamentallm.tokenizers.chat;

import io.fundamentallm.tokenizers.chat.TemplateToken.Kind;
import io.fundamentallm.tokenizers.chat.value.TemplateException;
import java.util.List;

/** The tokens of a template, and a position among them. */
final class TokenStream {
  private final List<TemplateToken> tokens;
  private int at;

  TokenStream(List<TemplateToken> tokens) {
    this.tokens = tokens;
  }

  TemplateToken current() {
    return tokens.get(at);
  }

  TemplateToken after() {
    return tokens.get(Math.min(at + 1, tokens.size() - 1));
  }

  TemplateToken next() {
    TemplateToken token = current();
    at = Math.min(at + 1, tokens.size() - 1);
    return token;
  }

  boolean isOperator(String operator) {
    return current().is(Kind.OPERATOR, operator);
  }

  boolean isName(String name) {
    return current().is(Kind.NAME, name);
  }

  boolean skipOperator(String operator) {
    return skipIf(isOperator(operator));
  }

  boolean skipName(String name) {
    return skipIf(isName(name));
  }

  private boolean skipIf(boolean skip) {
    if (skip) {
      next();
    }
    return skip;
  }

  TemplateToken expect(Kind kind) {
    if (current().kind() != kind) {
      throw unexpected();
    }
    return next();
  }

  void expectOperator(String operator) {
    if (!skipOperator(operator)) {
      throw TemplateException.at(
          current().line(), "expected '" + operator + "', got " + current().described());
    }
  }

  void expectName(String name) {
    if (!skipName(name)) {
      throw TemplateException.at(
          current().line(), "expected '" + name + "', got " + current().described());
    }
  }

  TemplateException unexpected() {
    return TemplateException.at(current().line(), "unexpected " + current().described());
  }
}
