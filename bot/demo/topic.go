package demo

// topic is what customers write about.
type topic struct {
	category string // as agents close it
	team     string
	weight   float64
	friday   float64 // of that weight on Fridays
	opens    []string
	asks     []string // later questions
	answers  []string
	summary  string
	choice   string // the bot's button for it
	sells    float64
}

var products = []string{
	"la nevera Ártica 320", "la lavadora Brisa de 12 kg", "la estufa Andes de 4 puestos", "la freidora de aire Nube", "el televisor Mirador de 55\"",
	"la aspiradora Colibrí", "el microondas Chispa", "la cafetera Tinto", "el aire acondicionado Páramo", "la licuadora Guayaba",
}

var greetings = []string{"Hola, ", "Buenas, ", "Buenos días, ", "Hola buenas, ", "Hola! ", "", "Disculpa, "}

var thanks = []string{"Mil gracias", "Perfecto, gracias", "Listo, muchas gracias 🙏", "Ok, quedo atento", "Gracias, muy amable", "👍", "Buenísimo, gracias"}

var farewells = []string{
	"Con mucho gusto. ¡Feliz día!", "Para eso estamos. Cualquier cosa nos escribes.", "A ti por escribirnos 😊", "Quedo pendiente, que estés muy bien.",
}

var topics = []*topic{
	{
		category: "cotización", team: ventas, weight: 22, friday: 1, choice: "Comprar", sells: 0.25, summary: "Pidió precio de {p}; se envió cotización.",
		opens: []string{"¿qué precio tiene {p}?", "me cotizas {p} por favor", "vi {p} en la página, ¿la tienen disponible?", "¿{p} tiene descuento de contado?", "busco {p}, ¿cuánto vale con envío a Chía?"},
		asks:  []string{"¿Y con garantía extendida cuánto sale?", "¿La tienes en color negro?", "¿Reciben tarjeta a 12 cuotas?", "¿Cuánto se demora en llegar a Cali?", "¿Me la puedes separar hasta el sábado?"},
		answers: []string{"Claro que sí, {p} está en $1.289.900 con IVA incluido.", "Sí la tenemos. Te envío la cotización con todo el detalle.",
			"Con pago de contado te hacemos el 8 % de descuento.", "El envío a Bogotá y la Sabana es gratis y llega en 2 días hábiles.", "Te la puedo separar 48 horas sin compromiso."},
	},
	{
		category: "compra", team: ventas, weight: 16, friday: 1, choice: "Comprar", sells: 0.8, summary: "Compró {p}; pedido confirmado.",
		opens: []string{"quiero comprar {p}, ¿cómo hago?", "ya me decidí por {p} 😊", "¿me ayudas con la compra de {p}?", "quiero pagar {p} que me cotizaron ayer"},
		asks:  []string{"Mi cédula es para la factura, ¿te la envío por aquí?", "Ya hice la transferencia, te mando el comprobante", "¿Pueden entregar después de las 5 p. m.?", "¿Incluye la instalación?"},
		answers: []string{"¡Excelente elección! Te envío el link de pago.", "Recibido el pago, gracias. Tu pedido queda para despacho mañana.",
			"Por favor confírmame dirección, barrio y un teléfono de contacto.", "Listo, quedó agendada la entrega en la tarde."},
	},
	{
		category: "pagos", team: ventas, weight: 8, friday: 1, choice: "Comprar", summary: "Duda de pago resuelta.",
		opens: []string{"el link de pago no me abre", "me cobraron dos veces {p} 😟", "¿reciben Nequi o Daviplata?", "necesito la factura electrónica de mi compra"},
		asks:  []string{"Te mando el pantallazo", "¿Cuánto tarda la devolución?", "Me sigue saliendo el mismo error"},
		answers: []string{"Reviso con tesorería y te confirmo en unos minutos.", "Ya te generé un link nuevo, prueba por favor.", "Sí, recibimos Nequi, Daviplata, PSE y todas las tarjetas.",
			"Te reenvié la factura al correo registrado."},
	},
	{
		category: "soporte técnico", team: soporte, weight: 17, friday: 0.9, choice: "Soporte", summary: "Falla de {p}: guía por chat.",
		opens: []string{"{p} no prende desde anoche", "{p} hace un ruido muy raro", "me sale el error E4 en {p}", "{p} dejó de enfriar, ayuda por favor", "{p} bota agua por debajo"},
		asks:  []string{"Ya hice eso y sigue igual", "Te mando un video", "¿Y si la dejo desconectada un rato?", "¿Pueden enviar un técnico mañana?", "Ahora muestra E2"},
		answers: []string{"Lamento la molestia. Desconéctala 10 minutos y vuelve a conectarla, por favor.", "¿Me ayudas con el serial? Está en la etiqueta de atrás.",
			"Ese error es del sensor. Limpia el filtro y reiníciala.", "Te agendo visita técnica para mañana entre 8 y 12.", "Envíame una foto de la etiqueta y la reviso con el taller."},
	},
	{
		category: "instalación", team: soporte, weight: 8, friday: 1, choice: "Soporte", summary: "Instalación de {p} agendada.",
		opens: []string{"¿cuándo vienen a instalar {p}?", "quedaron de instalar {p} hoy y no ha llegado nadie", "¿qué necesito tener listo para instalar {p}?"},
		asks:  []string{"¿Tiene algún costo adicional?", "¿Puede ser el sábado en la mañana?", "La portería pide el nombre del técnico"},
		answers: []string{"El técnico llega hoy entre 2 y 5 de la tarde.", "Te la reprogramo sin costo, ¿te sirve mañana en la mañana?", "Solo necesitas un toma de 110 V con polo a tierra.",
			"El técnico es Ferney Rozo, ya está en camino."},
	},
	{
		category: "garantía", team: postventa, weight: 9, friday: 1.8, choice: "Mi pedido", summary: "Garantía de {p} abierta con el fabricante.",
		opens: []string{"necesito hacer válida la garantía de {p}", "compré {p} hace 3 meses y salió dañada", "¿en qué va mi garantía de {p}?"},
		asks:  []string{"Llevo dos semanas esperando 😠", "¿Me la cambian por una nueva?", "Te mando la factura", "¿A qué teléfono me llaman?"},
		answers: []string{"Ya abrí el caso con el fabricante, responden en 5 días hábiles.", "La garantía de {p} es de un año, con gusto la tramitamos.",
			"El taller confirma que sí aplica. Programamos la recogida.", "Siento la demora, lo escalo ahora mismo."},
	},
	{
		category: "envío", team: postventa, weight: 13, friday: 2.1, choice: "Mi pedido", summary: "Estado del envío informado.",
		opens: []string{"¿ya despacharon {p}?", "mi pedido debía llegar ayer y nada", "¿me regalas el número de guía de {p}?", "¿puedo cambiar la dirección de entrega?"},
		asks:  []string{"La transportadora dice que no me encontró", "¿Llega hoy sí o sí?", "¿Lo puede recibir el portero?"},
		answers: []string{"Tu pedido va en camino, la guía es 7004418823.", "La transportadora lo entrega hoy antes de las 6.", "Listo, cambiada la dirección. Llega mañana.",
			"Déjame llamar a la transportadora y te cuento."},
	},
	{
		category: "devolución", team: postventa, weight: 6, friday: 1.8, choice: "Mi pedido", summary: "Devolución de {p} en trámite.",
		opens: []string{"quiero devolver {p}, no me cupo en la cocina", "{p} llegó con un golpe", "me enviaron el modelo equivocado"},
		asks:  []string{"¿Quién paga el envío de vuelta?", "¿Me devuelven la plata o es un bono?", "Te mando fotos del golpe"},
		answers: []string{"Qué pena contigo. Recogemos el producto sin costo.", "La devolución del dinero tarda de 3 a 5 días hábiles.", "Te la cambiamos, ¿cuándo podemos pasar?",
			"Con las fotos ya queda aprobada la devolución."},
	},
}

var notes = []string{
	"Cliente muy molesto, ya es la tercera vez que escribe.", "Pidió factura a nombre de empresa, falta el RUT.", "Ofrecerle 5 % adicional si cierra hoy.",
	"El taller no contesta, insisto en la tarde.", "Ojo: la dirección del pedido no coincide con la de la factura.", "Queda pendiente la visita técnica.",
}

var appeals = []string{
	"@{m} ¿autorizas el cambio por uno nuevo?", "@{m} este cliente pide hablar contigo.", "@{m} ¿le damos el descuento del 10 %?", "@{m} lleva dos semanas esperando la garantía, ¿qué hacemos?",
}

var handovers = []string{"@{m} te lo paso, es de tu área.", "@{m} por fa sigue tú, ya tiene la factura lista.", "@{m} necesita al técnico, ¿lo ves?"}
