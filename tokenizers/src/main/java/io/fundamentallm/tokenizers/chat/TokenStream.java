package io.fundamentallm.tokenizers.chat;

import io.fundamentallm.tokenizers.chat.Token.Kind;
import java.util.List;

/** The tokens of a template, and a place among them. */
final class TokenStream {
  private final List<Token> tokens;
  private int at;

  TokenStream(List<Token> tokens) {
    this.tokens = tokens;
  }

  Token current() {
    return tokens.get(at);
  }

  Token after() {
    return tokens.get(Math.min(at + 1, tokens.size() - 1));
  }

  Token next() {
    Token token = current();
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

  Token expect(Kind kind) {
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
