package demo

// phrases are the page's own texts in one language.
type phrases struct {
	Tag, Name string // of the language

	Title, Chat, Online, Typing, Offline                         string
	Message, Send, Reply, Cancel, Close, Open, Download, Photo   string
	Document, Suggestions, Guide, Language, Sent, Seen, NotSent  string
	Today, Yesterday, NoScript, Welcome, Silence, SilenceWhy     string
	TryTitle, Links, Intro, You, Bot, Enlarged, Choose, SilentOK string

	Try   []trial
	Asks  []string // suggestions above the keyboard
	Month [12]string
}

// trial is something to try, and what for.
type trial struct{ Say, Why string }

// languages returns the page's languages, the first of them for want of a
// better one.
func languages() []phrases {
	return []phrases{spanish(), english(), portuguese()}
}

// spoken returns the texts of a language, or else of another.
func spoken(tags ...string) phrases {
	all := languages()
	for _, tag := range tags {
		for _, p := range all {
			if p.Tag == tag {
				return p
			}
		}
	}
	return all[0]
}

func spanish() phrases {
	return phrases{
		Tag: "es", Name: "Español",
		Title: "El teléfono de", Chat: "Chat con", Online: "en línea", Typing: "escribiendo…", Offline: "reconectando…",
		Message: "Mensaje", Send: "Enviar", Reply: "Responder", Cancel: "Cancelar", Close: "Cerrar", Open: "Abrir", Download: "Descargar",
		Photo: "Ampliar la imagen", Document: "Documento", Suggestions: "Sugerencias", Guide: "Qué probar", Language: "Idioma de esta página",
		Sent: "entregado", Seen: "leído", NotSent: "No se envió. Toca para intentar de nuevo.", Today: "Hoy", Yesterday: "Ayer",
		NoScript: "Esta página necesita JavaScript.", You: "Tú", Bot: "Pulso", Enlarged: "Imagen ampliada", Choose: "Elegir una opción",
		Welcome:  "Este es el WhatsApp de quien dirige la tienda. Escríbele a Pulso como le escribirías a una persona: *hola* es un buen comienzo.",
		Silence:  "Simular 25 h de silencio",
		SilentOK: "Listo: la ventana de 24 h está cerrada. Lo próximo que Pulso mande por su cuenta llegará como plantilla.",
		SilenceWhy: "WhatsApp deja escribir libremente solo 24 horas después del último mensaje de la persona. Pasado ese tiempo, Pulso manda una plantilla " +
			"con un botón que abre la ventana.",
		TryTitle: "Qué probar", Links: "Por dentro",
		Intro: "Una tienda inventada, con su pasado y con clientes que escriben ahora mismo. Todo lo que ves pasa por el webhook, " +
			"el registro y el envío de verdad; solo WhatsApp es simulado.",
		Try: []trial{
			{"hola", "el menú, en diez toques"},
			{"resumen de hoy", "el día de un vistazo"},
			{"agentes más lentos esta semana", "alguien anda más lento que antes"},
			{"¿y la semana pasada?", "una pregunta que sigue a la otra"},
			{"¿quién espera?", "la lista; responde «2» y se abre"},
			{"horas pico del último mes en gráfico", "una imagen"},
			{"exporta agentes del mes pasado", "un archivo de Excel"},
			{"avísame si hay más de 20 esperando", "una alerta"},
			{"¿cómo se calcula?", "qué cuenta cada cifra y qué no"},
		},
		Asks: []string{"hola", "resumen de hoy", "agentes más lentos esta semana", "¿quién espera?", "¿y ayer?", "horas pico del último mes",
			"conversaciones por categoría", "en gráfico", "mensajes fallidos esta semana", "alertas", "ayuda"},
		Month: [12]string{"enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"},
	}
}

func english() phrases {
	return phrases{
		Tag: "en", Name: "English",
		Title: "The phone of", Chat: "Chat with", Online: "online", Typing: "typing…", Offline: "reconnecting…",
		Message: "Message", Send: "Send", Reply: "Reply", Cancel: "Cancel", Close: "Close", Open: "Open", Download: "Download",
		Photo: "Enlarge the image", Document: "Document", Suggestions: "Suggestions", Guide: "What to try", Language: "Language of this page",
		Sent: "delivered", Seen: "read", NotSent: "Not sent. Tap to try again.", Today: "Today", Yesterday: "Yesterday",
		NoScript: "This page needs JavaScript.", You: "You", Bot: "Pulso", Enlarged: "Enlarged image", Choose: "Choose an option",
		Welcome:  "This is the WhatsApp of the person who runs the shop. Write to Pulso as you would to a person: *hello* is a good start.",
		Silence:  "Pretend 25 h of silence",
		SilentOK: "Done: the 24 h window is closed. The next thing Pulso sends by itself will come as a template.",
		SilenceWhy: "WhatsApp lets a business write freely only for 24 hours after the person's last message. After that, Pulso sends a template " +
			"with a button that opens the window.",
		TryTitle: "What to try", Links: "Under the hood",
		Intro: "An invented shop with a past, and with customers who are writing right now. All you see passes through the real webhook, " +
			"record and send path; only WhatsApp is simulated.",
		Try: []trial{
			{"hello", "the menu, in ten taps"},
			{"stats today", "the day at a glance"},
			{"slowest agents this week", "somebody is slower than they were"},
			{"and last week?", "a question that follows the other"},
			{"who is waiting", "the list; answer “2” and it opens"},
			{"peak hours last month as chart", "a picture"},
			{"export agents last month", "an Excel file"},
			{"alert if more than 20 waiting", "an alert"},
			{"how", "what each figure counts and what it does not"},
		},
		Asks: []string{"hello", "stats today", "slowest agents this week", "who is waiting", "and yesterday?", "peak hours last month",
			"conversations by category", "as chart", "failed messages this week", "alerts", "help"},
		Month: [12]string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"},
	}
}

func portuguese() phrases {
	return phrases{
		Tag: "pt", Name: "Português",
		Title: "O telefone de", Chat: "Conversa com", Online: "online", Typing: "digitando…", Offline: "reconectando…",
		Message: "Mensagem", Send: "Enviar", Reply: "Responder", Cancel: "Cancelar", Close: "Fechar", Open: "Abrir", Download: "Baixar",
		Photo: "Ampliar a imagem", Document: "Documento", Suggestions: "Sugestões", Guide: "O que testar", Language: "Idioma desta página",
		Sent: "entregue", Seen: "lida", NotSent: "Não foi enviada. Toque para tentar de novo.", Today: "Hoje", Yesterday: "Ontem",
		NoScript: "Esta página precisa de JavaScript.", You: "Você", Bot: "Pulso", Enlarged: "Imagem ampliada", Choose: "Escolher uma opção",
		Welcome:  "Este é o WhatsApp de quem dirige a loja. Escreva para o Pulso como escreveria para uma pessoa: *oi* é um bom começo.",
		Silence:  "Simular 25 h de silêncio",
		SilentOK: "Pronto: a janela de 24 h está fechada. O próximo envio do Pulso por conta própria chegará como modelo.",
		SilenceWhy: "O WhatsApp só deixa escrever livremente nas 24 horas depois da última mensagem da pessoa. Passado esse tempo, o Pulso envia um modelo " +
			"com um botão que abre a janela.",
		TryTitle: "O que testar", Links: "Por dentro",
		Intro: "Uma loja inventada, com seu passado e com clientes escrevendo agora mesmo. Tudo o que você vê passa pelo webhook, " +
			"registro e envio de verdade; só o WhatsApp é simulado.",
		Try: []trial{
			{"oi", "o menu, em dez toques"},
			{"resumo de hoje", "o dia num olhar"},
			{"agentes mais lentos esta semana", "alguém está mais lento do que antes"},
			{"e na semana passada?", "uma pergunta que continua a outra"},
			{"quem está esperando?", "a lista; responda “2” e ela se abre"},
			{"horários de pico do último mês em gráfico", "uma imagem"},
			{"exportar agentes do mês passado", "um arquivo do Excel"},
			{"me avise se houver mais de 20 esperando", "um alerta"},
			{"como se calcula?", "o que cada número conta e o que não conta"},
		},
		Asks: []string{"oi", "resumo de hoje", "agentes mais lentos esta semana", "quem está esperando?", "e ontem?", "horários de pico do último mês",
			"conversas por categoria", "em gráfico", "mensagens com falha esta semana", "alertas", "ajuda"},
		Month: [12]string{"janeiro", "fevereiro", "março", "abril", "maio", "junho", "julho", "agosto", "setembro", "outubro", "novembro", "dezembro"},
	}
}
