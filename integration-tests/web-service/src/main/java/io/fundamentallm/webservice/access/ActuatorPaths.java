package io.fundamentallm.webservice.access;

import org.springframework.core.annotation.Order;
import org.springframework.http.HttpStatus;
import org.springframework.http.server.PathContainer;
import org.springframework.stereotype.Component;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import org.springframework.web.util.pattern.PathPattern;
import org.springframework.web.util.pattern.PathPatternParser;
import reactor.core.publisher.Mono;

/**
 * There is nothing of the actuator's at an address with an encoded slash, as {@code
 * /actuator/health/..%2fmetrics} is: its parts have none in their names, and Spring Boot 4.1.1
 * fails with an exception where it looks for one.
 */
@Component
@Order(1) // who has no key does not learn what there is
final class ActuatorPaths implements WebFilter {
  private static final PathPattern ACTUATOR =
      PathPatternParser.defaultInstance.parse("/actuator/**");

  @Override
  public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
    PathContainer path = exchange.getRequest().getPath().pathWithinApplication();
    return ACTUATOR.matches(path) && path.elements().stream().anyMatch(ActuatorPaths::hasSlash)
        ? Mono.error(new ResponseStatusException(HttpStatus.NOT_FOUND))
        : chain.filter(exchange);
  }

  private static boolean hasSlash(PathContainer.Element element) {
    return element instanceof PathContainer.PathSegment segment
        && segment.valueToMatch().indexOf('/') >= 0;
  }
}
