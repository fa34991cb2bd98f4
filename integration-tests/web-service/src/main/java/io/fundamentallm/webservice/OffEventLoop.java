package io.fundamentallm.webservice;

import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * Never answers a request within the call that delivers it. Reactor Netty 1.3.7 stops reading from
 * a connection when that happens to a request that came before the previous answer ended (its issue
 * 4361), and a client that keeps connections open would wait for ever.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE)
final class OffEventLoop implements WebFilter {
  @Override
  public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
    return chain.filter(exchange).subscribeOn(Schedulers.parallel());
  }
}
