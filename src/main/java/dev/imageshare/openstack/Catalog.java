package dev.imageshare.openstack;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.imageshare.openstack.OpenStackException.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import okhttp3.HttpUrl;

/**
 * A token's catalog. The Image service is looked up as in keystoneauth; if several endpoints match, a region is
 * required.
 */
final class Catalog {
    private static final Map<String, String> V2_INTERFACES =
            Map.of("publicURL", "public", "internalURL", "internal", "adminURL", "admin");

    private final HttpAnswer answer;
    private final List<JsonNode> services;

    private Catalog(HttpAnswer answer, List<JsonNode> services) {
        this.answer = answer;
        this.services = services;
    }

    /** @param token of Keystone v3 */
    static Catalog of(HttpAnswer answer, JsonNode token) {
        return new Catalog(answer, answer.objects(token, "catalog"));
    }

    /**
     * @param access of Keystone v2.0, whose endpoints have all their interfaces in one object
     */
    static Catalog ofV2(HttpAnswer answer, JsonNode access) {
        List<JsonNode> services = new ArrayList<>();
        for (JsonNode service : answer.objects(access, "serviceCatalog")) {
            ObjectNode same = JsonNodeFactory.instance.objectNode();
            same.set("type", service.path("type"));
            same.set("name", service.path("name"));
            ArrayNode endpoints = same.putArray("endpoints");
            for (JsonNode endpoint : answer.objects(service, "endpoints")) {
                V2_INTERFACES.forEach((key, face) -> {
                    if (endpoint.has(key)) {
                        ObjectNode one = endpoints.addObject().put("interface", face);
                        one.set("region", endpoint.path("region"));
                        one.set("url", endpoint.path(key));
                    }
                });
            }
            services.add(same);
        }
        return new Catalog(answer, services);
    }

    /**
     * An endpoint of the Image service.
     *
     * @param region empty if it has none
     */
    record ServiceUrl(HttpUrl url, String region) {}

    /**
     * The Image service's endpoint.
     *
     * @param https whether Keystone was called by https: then the token isn't sent over an unencrypted connection
     */
    ServiceUrl image(CatalogFilter wanted, boolean https) {
        Set<String> seen = new TreeSet<>();
        List<ServiceUrl> found = List.of();
        for (String face : wanted.interfaces()) {
            found = found.isEmpty() ? withInterface(face, wanted, seen) : found;
        }
        if (found.isEmpty()) {
            throw answer.failure(Kind.NO_IMAGE_SERVICE, "the catalog has no " + wanted + "; it has: " + some(seen));
        }
        Set<String> regions = new TreeSet<>();
        found.forEach(each -> regions.add(each.region()));
        if (regions.size() > 1) {
            throw answer.failure(
                    Kind.INVALID_CONFIG,
                    "several regions have an image service; set region_name to one of: " + some(regions));
        }
        if (https && found.stream().anyMatch(each -> !each.url().isHttps())) {
            throw answer.failure(
                    Kind.INVALID_CONFIG,
                    "Keystone uses https, but its catalog's image endpoint uses http, so the token would be sent"
                            + " unencrypted: have the catalog corrected, or set the endpoint in"
                            + " image_endpoint_override");
        }
        return found.get(0);
    }

    private List<ServiceUrl> withInterface(String face, CatalogFilter wanted, Set<String> seen) {
        List<ServiceUrl> found = new ArrayList<>();
        for (JsonNode service : services) {
            String type = text(service, "type");
            seen.add(type);
            if (!type.equals(wanted.serviceType())) {
                continue;
            }
            String name = text(service, "name");
            for (JsonNode endpoint : answer.objects(service, "endpoints")) {
                String region =
                        text(endpoint, "region_id").isEmpty() ? text(endpoint, "region") : text(endpoint, "region_id");
                seen.add(type + " (" + (name.isEmpty() ? "" : name + ", ") + text(endpoint, "interface") + ", "
                        + (region.isEmpty() ? "no region" : region) + ")");
                if (text(endpoint, "interface").equals(face)
                        // catalogs before Keystone v3.3 have no names
                        && (wanted.serviceName() == null
                                || name.isEmpty()
                                || wanted.serviceName().equals(name))
                        && (wanted.region() == null || wanted.region().equals(region))) {
                    found.add(endpoint(endpoint, region));
                }
            }
        }
        return found;
    }

    private ServiceUrl endpoint(JsonNode endpoint, String region) {
        HttpUrl url = Endpoint.parse(answer.text(endpoint, "url"));
        if (url == null) {
            throw answer.malformed("the catalog's image endpoint is not a URL");
        }
        if (region.length() > 255 || region.chars().anyMatch(Character::isISOControl)) {
            throw answer.malformed("the region of the catalog's image endpoint is too long or has a control character");
        }
        return new ServiceUrl(url, region);
    }

    /** A string; empty if it is null, absent or something else. */
    private static String text(JsonNode object, String field) {
        String text = object.path(field).textValue();
        return text == null ? "" : text;
    }

    private String some(Set<String> names) {
        String all = answer.quoted(String.join(", ", names).replaceAll("\\p{Cntrl}", "?"));
        return all.isEmpty() ? "nothing" : all.length() > 300 ? all.substring(0, 300) + "…" : all;
    }
}
