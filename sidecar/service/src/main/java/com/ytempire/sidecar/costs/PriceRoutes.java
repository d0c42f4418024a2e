package com.ytempire.sidecar.costs;

import static com.ytempire.sidecar.web.Role.OPERATOR;
import static com.ytempire.sidecar.web.Role.SERVICE;

import com.ytempire.sidecar.costs.PlatformDao.Price;
import com.ytempire.sidecar.costs.PlatformRecords.Page;
import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.tenancy.TenantAccess;
import com.ytempire.sidecar.web.Endpoint;
import com.ytempire.sidecar.web.PageKey;
import com.ytempire.sidecar.web.Problem;
import com.ytempire.sidecar.web.Problem.Fault;
import com.ytempire.sidecar.web.Problem.Type;
import com.ytempire.sidecar.web.Request;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Routes about the prices by which quantities are booked. */
public final class PriceRoutes {
  private static final String PRICES = "/v1/prices";

  private final PlatformRecords records;

  /**
   * Creates the routes.
   *
   * @param database by the second login
   */
  public PriceRoutes(Database database, TenantAccess tenantAccess) {
    this.records = new PlatformRecords(database, tenantAccess);
  }

  public List<Endpoint> endpoints() {
    return List.of(
        Endpoint.get(PRICES, "List the prices by which quantities are booked")
            .by(OPERATOR, SERVICE)
            .query("after", "The `next` of the page before.")
            .query("limit", "Prices a page, 1 to 500; 100 when left out.")
            .answers("price-list")
            .with(this::prices),
        Endpoint.create(PRICES, "Add a price from a day on")
            .by(OPERATOR)
            .takes("price-create")
            .answers("price")
            .with(this::add),
        Endpoint.delete(PRICES, "Delete a price that was added by mistake; booked costs stay")
            .by(OPERATOR)
            .query("provider", "Its provider.")
            .query("model", "Its model; left out: that of all models.")
            .query("unit", "Its unit.")
            .query("validFrom", "Its first day, YYYY-MM-DD.")
            .with(this::delete));
  }

  /** {@code schemas/price-list.json}. */
  record PriceList(List<Price> prices, @Nullable String next) {}

  /** {@code schemas/price-create.json}. */
  record PriceCreate(
      String provider,
      @Nullable String model,
      String unit,
      LocalDate validFrom,
      BigDecimal usd,
      @Nullable Integer per) {}

  private PriceList prices(Request request) {
    Page<Price> page =
        records.page(
            request,
            "prices.read",
            4,
            PlatformDao::prices,
            price ->
                PageKey.encode(
                    price.validFrom().toString(),
                    price.provider(),
                    price.model() == null ? "" : price.model(),
                    price.unit()));
    return new PriceList(page.rows(), page.next());
  }

  private Price add(Request request) {
    PriceCreate body = request.body(PriceCreate.class);
    if (!Request.isOfOurTime(body.validFrom().atStartOfDay().toInstant(ZoneOffset.UTC))) {
      throw PlatformRecords.invalid("/validFrom", "must be a day from 2000 to 2999");
    }
    Price price =
        new Price(
            body.provider(),
            body.model(),
            body.unit(),
            body.validFrom(),
            body.usd(),
            body.per() == null ? 1 : body.per());
    boolean isSame =
        records.audited(
            request,
            "price.add",
            handle ->
                handle
                    .attach(PlatformDao.class)
                    .add(
                        price.provider(),
                        price.model(),
                        price.unit(),
                        price.validFrom(),
                        price.usd(),
                        price.per()));
    if (!isSame) {
      throw Problem.of(
          Type.PRICE_EXISTS,
          "There is another price of this unit from %s on. A change of a price is a price from another day on; delete the other where it was a mistake."
              .formatted(price.validFrom()));
    }
    return price;
  }

  private @Nullable Object delete(Request request) {
    String provider = required(request, "provider");
    String unit = required(request, "unit");
    LocalDate validFrom = request.day("validFrom").orElseThrow(() -> missing("validFrom"));
    boolean isDeleted =
        records.audited(
            request,
            "price.delete",
            handle ->
                handle
                    .attach(PlatformDao.class)
                    .delete(provider, request.query("model").orElse(null), unit, validFrom));
    if (!isDeleted) {
      throw Problem.of(Type.NOT_FOUND, "There is no such price from %s on.".formatted(validFrom));
    }
    return null;
  }

  private static String required(Request request, String name) {
    return request.query(name).orElseThrow(() -> missing(name));
  }

  private static Problem missing(String name) {
    return Problem.invalid(
        "The query parameter " + name + " is missing.",
        List.of(new Fault("?" + name, "is missing")));
  }
}
