# docker build -t pulso .
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o /pulso ./cmd/pulso && mkdir /data

# Time zones and fonts are in the program; certificates are in the image.
FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /pulso /pulso
COPY --from=build --chown=nonroot:nonroot /data /data
USER nonroot:nonroot
WORKDIR /data
VOLUME /data
ENV PULSO_DATABASE_DSN=sqlite:/data/pulso.db
EXPOSE 8080
ENTRYPOINT ["/pulso"]
CMD ["serve"]
